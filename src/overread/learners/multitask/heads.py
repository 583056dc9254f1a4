"""A head a target on the same features, and what the loss of each counts: told, or learnt with the rest."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from overread.learners.network.classifier import build_head
from overread.learners.network.head import Head
from overread.learners.network.task import Task

Weights = Literal["learned"] | Mapping[str, float]


class Heads(nn.Module):
    """Pooled features (n, d) to the logits of every target, side by side.

    Attributes
    ----------
    each : torch.nn.ModuleList
        One head a target, in their order.
    weighing : Fixed or Learned
    """

    def __init__(self, head: Head, features: int, tasks: Sequence[Task], weights: Weights) -> None:
        super().__init__()
        self.each = nn.ModuleList([build_head(head, features, task.outputs) for task in tasks])
        self.weighing = Learned(len(tasks)) if weights == "learned" else Fixed([weights.get(task.name, 1.0) for task in tasks])

    def forward(self, features: Tensor) -> Tensor:
        return torch.cat([head(features) for head in self.each], 1)

    def by_task(self, tasks: Sequence[Task]) -> list[tuple[Task, nn.Sequential]]:
        """Each question with its head."""
        return [(task, layers) for task, layers in zip(tasks, self.each, strict=True) if isinstance(layers, nn.Sequential)]


class Fixed(nn.Module):
    """Losses count what they were told to."""

    weights: Tensor

    def __init__(self, weights: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("weights", torch.tensor(weights), persistent=False)

    def forward(self, losses: Tensor) -> Tensor:
        """(T,) losses to the one that is made small."""
        return (losses * self.weights).sum()

    def counts(self) -> list[float]:
        return list(self.weights.tolist())


class Learned(nn.Module):
    """Losses count by how uncertain their targets are: each is divided by a variance that is learnt, at the price of its logarithm.

    With s = log variance a loss L becomes L exp(-s) + s / 2, which is smallest where exp(s) = 2 L: what stays hard counts less. Kendall,
    Gal & Cipolla 2018, "Multi-task learning using uncertainty to weigh losses for scene geometry and semantics", CVPR. As all that is one
    number long, s has the head's rate and does not decay.
    """

    def __init__(self, targets: int) -> None:
        super().__init__()
        self.log_variances = nn.Parameter(torch.zeros(targets))

    def forward(self, losses: Tensor) -> Tensor:
        """(T,) losses to the one that is made small."""
        return (losses * torch.exp(-self.log_variances) + self.log_variances / 2).sum()

    def counts(self) -> list[float]:
        return list(torch.exp(-self.log_variances).tolist())
