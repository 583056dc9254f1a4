"""What every learner offers, and every model it makes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.imaging.fit import Fitting
from overread.recipe import Recipe, Runtime, Strict
from overread.registry import LEARNERS
from overread.run import Workspace

if TYPE_CHECKING:
    from torch import nn

    from overread.backbones.preprocess import Preprocess


class Model(Protocol):
    """Something trained.

    Attributes
    ----------
    targets : dict of str to Target
        What it answers.
    fitting : Fitting
        How pictures are made square for it.
    preprocess : Preprocess
        How squares become the pixels that `networks` take.
    weights : dict of str to str
        SHA-256 of the pretrained weights it began from, by where they came from; empty from scratch.
    runtime : Runtime
        Threads and precision it computes with; set it to change them.
    """

    targets: dict[str, Target]
    fitting: Fitting
    preprocess: "Preprocess"
    weights: dict[str, str]
    runtime: Runtime

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """`row` and, for every target T and class C, `raw:T:C`: logits, float64, one row an image."""
        ...

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d) float32, what the head sees of each row."""
        ...

    def networks(self) -> "dict[str, nn.Module]":
        """Name to network: normalised pixels (n, 3, size, size) to logits."""
        ...

    def speakers(self, answers: pd.DataFrame) -> dict[str, list[str]]:
        """For every target the name in `networks` of the network that gave each row's answer; `answers` is what `predict` returned."""
        ...

    def save(self, folder: Path) -> None:
        """Write safetensors and JSON that `load` reads back to a model with the same predictions."""
        ...


class Answering(Strict):
    """Options of a learner that answers one question."""

    target: str | None = None
    """Which of the data's questions; the first, if not given."""

    def answers(self, questions: Sequence[str]) -> list[str]:
        """Those of the data's questions that the model will answer, known before anything is learnt."""
        return [self.target or questions[0]]


class Learner(Protocol):
    """A member of `learners/`."""

    Options: type[Strict]
    """Schema of the recipe's `learner` part; imports no torch."""

    def fit(self, catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int) -> Model:
        """Learn from the train rows, choose by the val rows, never look at others; go on from a checkpoint of its own in the workspace."""
        ...

    def load(self, folder: Path) -> Model: ...


def load(folder: Path) -> Model:
    """The model in a folder that `Model.save` wrote; pretrained weights are not needed.

    Raises
    ------
    UserError
        No model is there, or its files do not belong together.
    """
    kind = describe(folder)["kind"]
    learner: Learner = LEARNERS.get(kind)
    return learner.load(folder)


def describe(folder: Path) -> dict:  # type: ignore[type-arg]
    """What a model's `model.json` says."""
    path = folder / "model.json"
    try:
        told: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError("no model is here", str(folder), "name the model/ folder of a finished run") from None
    except json.JSONDecodeError:
        raise UserError("not JSON", str(path), "copy the model folder again: it may be cut off") from None
    if "kind" not in told:
        raise UserError("does not say which learner made it", str(path), "copy the model folder again")
    return told
