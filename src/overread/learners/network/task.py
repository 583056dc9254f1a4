"""One question as a loss, logits and a validation score: two classes are one output with cross-entropy, more are a softmax.

The loss of ordered classes knows their order; the network gives a logit a class all the same, so that its softmax is their probability.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn import functional

from overread.catalog import Catalog, Target
from overread.errors import UserError, nearest
from overread.learners.network.ranked import ranked_ignorance
from overread.progress import note


@dataclass(frozen=True)
class Task:
    """A target, as the network answers it."""

    name: str
    target: Target

    @classmethod
    def of(cls, catalog: Catalog, name: str | None = None) -> "Task":
        """The question of that name; not named, the catalog's first, which is the main one.

        Raises
        ------
        UserError
            No such question.
        """
        if name is None:
            name, *others = catalog.targets
            if others:
                note(f"answering {name!r}; the data also ask {', '.join(map(repr, others))} (learner.target chooses, kind: multitask answers all)")
        if name not in catalog.targets:
            raise UserError(f"the data do not ask {name!r}", "learner.target", nearest(name, catalog.targets))
        return cls(name, catalog.targets[name])

    @property
    def outputs(self) -> int:
        return 1 if self.target.kind == "binary" else len(self.target.classes)

    @property
    def classes(self) -> int:
        return len(self.target.classes)

    @property
    def identity(self) -> list[Any]:
        """What makes it another question, as JSON."""
        return [self.target.kind, *self.target.classes]

    def weigh(self, codes: np.ndarray) -> Tensor:
        """(C,) float32, what a row of each class counts for all classes to count the same; 1 on average over the rows."""
        return class_weights(codes, self.classes)

    def each(self, logits: Tensor, codes: Tensor, weights: Tensor) -> Tensor:
        """(n,) losses of the rows: cross-entropy, or the ranked ignorance of ordered classes, times what a row of that class counts.

        Parameters
        ----------
        logits : (n, outputs) float32
        codes : (n,) int64 in [0, C)
        weights : (C,) float32, what a row of each class counts; 1 on average over the training rows
        """
        if self.target.kind == "ordinal":
            each = ranked_ignorance(logits, codes)
        elif self.outputs == 1:
            each = functional.binary_cross_entropy_with_logits(logits[:, 0], codes.float(), reduction="none")
        else:
            each = functional.cross_entropy(logits, codes, reduction="none")
        return each * weights[codes]

    def loss(self, logits: Tensor, codes: Tensor, weights: Tensor) -> Tensor:
        """The mean of `each`."""
        return self.each(logits, codes, weights).mean()

    def by_target(self, logits: Tensor, codes: Tensor, weights: Tensor) -> dict[str, dict[str, float]]:
        """`scores` of each of several questions; of one, there is nothing to tell apart."""
        return {}

    def counts(self) -> dict[str, float]:
        """What the loss of each of several questions counts."""
        return {}

    def raw(self, logits: Tensor) -> np.ndarray:
        """(n, C) float64 whose softmax is the network's probability; a binary target's negative class stands at 0."""
        values = logits.double().cpu().numpy()
        return np.hstack([np.zeros_like(values), values]) if self.outputs == 1 else values

    def answers(self, rows: pd.Series, logits: Tensor) -> pd.DataFrame:
        """`row` and `raw:T:C` float64 of (n, outputs) logits."""
        columns = {f"raw:{self.name}:{cls}": column for cls, column in zip(self.target.classes, self.raw(logits).T, strict=True)}
        return pd.DataFrame({"row": rows, **columns})

    def scores(self, logits: Tensor, codes: Tensor, weights: Tensor) -> dict[str, float]:
        """`loss`, `auroc` (macro, one class against the rest) and `balanced_accuracy`, over classes that are present."""
        raw, truth = self.raw(logits), codes.numpy()
        present, decided = np.unique(truth), raw.argmax(1)
        curves = [roc_auc_score(truth == code, _margin(raw, code)) for code in present if len(present) > 1]
        return {
            "loss": float(self.loss(logits, codes, weights)),
            "auroc": float(np.mean(curves)) if curves else float("nan"),
            "balanced_accuracy": float(np.mean([(decided[truth == code] == code).mean() for code in present])),
        }


def class_weights(codes: np.ndarray, classes: int) -> Tensor:
    """(C,) float32 so that every class weighs the same in all; 1 on average over the rows."""
    counts = np.bincount(codes, minlength=classes)
    return torch.tensor(len(codes) / ((counts > 0).sum() * np.maximum(counts, 1)), dtype=torch.float32)


def _margin(raw: np.ndarray, code: int) -> np.ndarray:
    """(n,) log-odds of a class against the rest, without overflow."""
    rest = np.delete(raw, code, axis=1)
    top = rest.max(1)
    margin: np.ndarray = raw[:, code] - top - np.log(np.exp(rest - top[:, None]).sum(1))
    return margin
