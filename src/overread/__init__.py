"""Turns a folder of medical images into a classifier whose number can be believed. Research use only, not a medical device.

The verbs of the command line are functions here, imported when they are first asked for::

    import overread
    from overread import recipe

    overread.train(recipe.load("default", data=["table:films.csv?label=diagnosis"]), Path("runs/a"))
    model = overread.load(Path("runs/a/model"))
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overread.datasets.base import read as read
    from overread.experiment.adopt import adopt as adopt
    from overread.experiment.audit import audit
    from overread.experiment.benchmark import benchmark as benchmark
    from overread.experiment.compare import compare as compare
    from overread.experiment.embed import embed as embed
    from overread.experiment.explain import explain as explain
    from overread.experiment.external import evaluate_external
    from overread.experiment.predict import predict as predict
    from overread.experiment.split import split as split
    from overread.experiment.theirs import evaluate_predictions as evaluate_predictions
    from overread.experiment.train import train as train
    from overread.learners.base import load as load

    audit_data = audit
    evaluate = evaluate_external

__version__ = "0.1.0"

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

HOMES = {
    "adopt": ("overread.experiment.adopt", "adopt"),
    "audit_data": ("overread.experiment.audit", "audit"),
    "benchmark": ("overread.experiment.benchmark", "benchmark"),
    "compare": ("overread.experiment.compare", "compare"),
    "read": ("overread.datasets.base", "read"),
    "predict": ("overread.experiment.predict", "predict"),
    "split": ("overread.experiment.split", "split"),
    "train": ("overread.experiment.train", "train"),
    "embed": ("overread.experiment.embed", "embed"),
    "evaluate": ("overread.experiment.external", "evaluate_external"),
    "evaluate_predictions": ("overread.experiment.theirs", "evaluate_predictions"),
    "explain": ("overread.experiment.explain", "explain"),
    "load": ("overread.learners.base", "load"),
}
"""Public name to the module that holds it and its name there."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'overread' has no attribute {name!r}")
    module, own = HOMES[name]
    return getattr(import_module(module), own)


def __dir__() -> list[str]:
    return sorted([*globals(), *HOMES])
