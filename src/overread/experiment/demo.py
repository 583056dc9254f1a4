"""The whole path on made-up films: make them, train, evaluate, report."""

from collections.abc import Iterable
from pathlib import Path

from overread.experiment.result import Result
from overread.experiment.train import train
from overread.recipe import load

FILMS = "n=1000&size=160&subtlety=0.1&seed=0"
"""Fractures that a trained eye sees at a glance, as many as two cores learn from in minutes."""

SETTINGS = ("image.size=160",)
"""What the default recipe is told for them."""


def demo(out: Path, settings: Iterable[str] = ()) -> Result:
    """Make up films under ``out/films`` and train the default recipe on them into ``out/run``."""
    return train(load("default", [*SETTINGS, *settings], [f"phantom:{out / 'films'}?{FILMS}"]), out / "run")
