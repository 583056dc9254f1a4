"""The command line: one thin file a verb, nothing heavy imported before a verb runs."""

from overread.cli import adopt, audit, benchmark, compare, demo, embed, evaluate, explain, members, predict, prepare, split, train  # noqa: F401  (a verb enters itself when its file is read)
from overread.cli.app import main

__all__ = ["main"]
