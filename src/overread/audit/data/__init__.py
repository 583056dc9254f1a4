"""Checks of the data, one a file; each is a function of a `Context` that gives findings."""
