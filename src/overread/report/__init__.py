"""One page a reader can believe: a run folder in, one self-contained HTML file out; nothing is measured here."""

from overread.report.render import render

__all__ = ["render"]
