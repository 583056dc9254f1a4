"""Models on the same rows: how far they lie apart, and whether the rows can tell."""
