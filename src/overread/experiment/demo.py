"""The whole path on made-up films: make them, train, evaluate, report."""

from collections.abc import Iterable
from pathlib import Path

from overread.experiment.result import Result
from overread.experiment.train import train
from overread.recipe import load


def demo(out: Path, settings: Iterable[str] = ()) -> Result:
    """Make up films under ``out/films`` and train the default recipe on them into ``out/run``."""
    source = f"phantom:{out / 'films'}?n=480&seed=0&size=128"
    return train(load("default", ["image.size=128", *settings], [source]), out / "run")
