"""What predictions are worth: metrics, intervals, decisions, and the baseline that sees no pixels."""
