"""From a model's raw answers to judged cases: calibrated, decided, put together by study, and who spoke."""
