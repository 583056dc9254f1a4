"""One question as a loss, logits and a validation score: two classes are one output with cross-entropy, more are a softmax."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn import functional

from overread.catalog import Catalog, Target
from overread.errors import UserError, nearest
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

    def loss(self, logits: Tensor, codes: Tensor, weights: Tensor) -> Tensor:
        """Mean cross-entropy.

        Parameters
        ----------
        logits : (n, outputs) float32
        codes : (n,) int64 in [0, C)
        weights : (C,) float32, what a row of each class counts; 1 on average over the training rows
        """
        if self.outputs == 1:
            each = functional.binary_cross_entropy_with_logits(logits[:, 0], codes.float(), reduction="none")
        else:
            each = functional.cross_entropy(logits, codes, reduction="none")
        return (each * weights[codes]).mean()

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
