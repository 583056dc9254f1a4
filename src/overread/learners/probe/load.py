"""A probe from its folder: a network, or a backbone with something beside it."""

from pathlib import Path

from overread.learners.base import describe
from overread.learners.probe.model import ProbeModel
from overread.learners.probe.scored import SCORERS, ScoredModel


def load(folder: Path) -> ProbeModel | ScoredModel:
    """The model that `save` wrote.

    Raises
    ------
    UserError
        A file is missing or cut off, they do not belong together, or a library that it needs is not installed.
    """
    head = describe(folder).get("head")
    scored = isinstance(head, dict) and head.get("kind") in SCORERS
    return ScoredModel.load(folder) if scored else ProbeModel.load(folder)
