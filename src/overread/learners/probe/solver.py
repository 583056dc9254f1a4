"""What every head can do, and what it becomes when it is solved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from overread.learners.probe.rows import Rows
from overread.learners.probe.scaling import Scaling

Logits = NDArray[np.floating]
"""(n, 1) of two classes, (n, C) of more."""


@dataclass(frozen=True)
class Layers:
    """A head of dense layers: one, or two with a ReLU between.

    Attributes
    ----------
    weights, biases : (k, d) and (k,) each, the lower layer first
    link : what stands on the last, see `overread.learners.network.head.Head`
    """

    weights: Sequence[NDArray[np.float64]]
    biases: Sequence[NDArray[np.float64]]
    link: Literal["softmax", "sigmoids"] = "softmax"

    def folded(self, scaling: Scaling) -> "Layers":
        """The same over features as they are."""
        weight, bias = scaling.fold(self.weights[0], self.biases[0])
        return Layers([weight, *self.weights[1:]], [bias, *self.biases[1:]], self.link)

    def logits(self, features: NDArray[np.floating]) -> Logits:
        """Those of features on the scale it was solved on."""
        values = features @ self.weights[0].T + self.biases[0]
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            values = np.maximum(values, 0) @ weight.T + bias
        return -np.logaddexp(0, -values) if self.link == "sigmoids" and values.shape[1] > 1 else values


class Scorer(Protocol):
    """A head that is no layers."""

    def logits(self, features: NDArray[np.float32]) -> Logits:
        """Those of features on the scale it was solved on."""
        ...

    def save(self, folder: Path) -> None:
        """Write what it has learnt; no names of rows."""
        ...


class Solver(Protocol):
    """A kind of head, to be chosen and solved; features are scaled already."""

    strengths: Sequence[float]

    def path(self, seen: Rows, held: NDArray[np.float32]) -> list[Logits]:
        """What the head, solved on `seen` with each of the strengths, says of held-out features."""
        ...

    def linked(self, said: Logits, rows: Rows) -> Logits:
        """Logits made of what was said of rows that were held out."""
        ...

    def solve(self, rows: Rows, strength: float, said: Logits | None) -> "Layers | Scorer":
        """Solve on all rows; `said` of them while they were held out, None where nothing was."""
        ...


@dataclass(frozen=True)
class Choice:
    """What was tried on held-out components.

    Attributes
    ----------
    losses : strength to log loss, weighted as the rows are
    strength : that of the smallest
    said : (n, k) what the head with this strength said of every row while it was held out
    """

    losses: dict[float, float]
    strength: float
    said: Logits | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Solved:
    """A head on the scaling it was solved over."""

    scaling: Scaling
    head: Layers | Scorer

    def logits(self, features: NDArray[np.float32]) -> Logits:
        """Those of features as they are."""
        return self.head.logits(self.scaling.apply(features))
