"""Several questions as one loss: a row counts for those it has a label of, each with its own loss."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from overread.catalog import Catalog
from overread.errors import UserError, nearest
from overread.learners.multitask.heads import Fixed, Learned
from overread.learners.multitask.options import Options
from overread.learners.network.task import Task


@dataclass(frozen=True)
class Tasks:
    """The questions of one training; see `overread.learners.finetune.asked.Asked`. Codes are (n, T) int64, -1 where a label is unknown.

    Attributes
    ----------
    tasks : their logits stand side by side in this order
    shares : the share of the training rows that have a label, of each
    weighing : losses to the one that is made small
    """

    tasks: tuple[Task, ...]
    shares: tuple[float, ...]
    weighing: Fixed | Learned

    @property
    def identity(self) -> list[Any]:
        return [[task.name, *task.identity] for task in self.tasks]

    @property
    def classes(self) -> int:
        return sum(task.classes for task in self.tasks)

    def weigh(self, codes: np.ndarray) -> Tensor:
        """(classes,) float32, of each target from the rows that have its label."""
        return torch.cat([task.weigh(column[column >= 0]) for task, column in zip(self.tasks, codes.T, strict=True)])

    def loss(self, logits: Tensor, codes: Tensor, weights: Tensor) -> Tensor:
        """The weighed sum of the targets' losses.

        A target's loss is that of the batch's labelled rows over how many of that size are labelled on average: so over an epoch each
        labelled row counts the same, whatever batch of that size it fell into.
        """
        parts = zip(self._apart(logits, codes, weights), self.shares, strict=True)
        total: Tensor = self.weighing(torch.stack([task.each(*known).sum() / (len(codes) * share) for (task, *known), share in parts]))
        return total

    def scores(self, logits: Tensor, codes: Tensor, weights: Tensor) -> dict[str, float]:
        """The means over the targets, each counting the same."""
        told = list(self.by_target(logits, codes, weights).values())
        return {name: float(np.mean([scores[name] for scores in told])) for name in told[0]}

    def by_target(self, logits: Tensor, codes: Tensor, weights: Tensor) -> dict[str, dict[str, float]]:
        return {task.name: task.scores(*known) for task, *known in self._apart(logits, codes, weights)}

    def counts(self) -> dict[str, float]:
        return dict(zip((task.name for task in self.tasks), self.weighing.counts(), strict=True))

    def _apart(self, logits: Tensor, codes: Tensor, weights: Tensor) -> Iterator[tuple[Task, Tensor, Tensor, Tensor]]:
        """Each target with the logits and codes of the rows that have its label, and the weights of its classes."""
        columns = apart(logits, self.tasks)
        for task, own, column, counted in zip(self.tasks, columns, codes.T, torch.split(weights, [task.classes for task in self.tasks]), strict=True):
            known = column >= 0
            yield task, own[known], column[known], counted


def apart(logits: Tensor, tasks: Sequence[Task]) -> tuple[Tensor, ...]:
    """Each target's columns of (n, outputs) logits."""
    return tuple(torch.split(logits, [task.outputs for task in tasks], dim=1))


def asked(catalog: Catalog, options: Options) -> tuple[Task, ...]:
    """The questions that are to be answered.

    Raises
    ------
    UserError
        Fewer than two, one the data do not ask, or a loss weight of one that is not answered.
    """
    names = options.targets or tuple(catalog.targets)
    for name in names:
        if name not in catalog.targets:
            raise UserError(f"the data do not ask {name!r}", "learner.targets", nearest(name, catalog.targets))
    if len(names) < 2:
        raise UserError(f"the data ask {' and '.join(names)} alone", "learner.kind: multitask", "use learner.kind=finetune, or name further labels")
    for name in options.weights if options.weights != "learned" else ():
        if name not in names:
            raise UserError(f"a loss weight for {name!r}, which is not answered", "learner.weights", nearest(name, names))
    return tuple(Task(name, catalog.targets[name]) for name in names)


def encode(catalog: Catalog, tasks: Sequence[Task]) -> np.ndarray:
    """(n, T) int64 class numbers; -1 where a label is missing."""
    return np.column_stack([task.target.encode(catalog.frame[task.name]) for task in tasks])
