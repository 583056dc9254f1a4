"""What a training by steps must know of the question, or the questions, that it trains for."""

from typing import Any, Protocol

import numpy as np
from torch import Tensor


class Asked(Protocol):
    """One question (`overread.learners.network.task.Task`), or several at once (`overread.learners.multitask.tasks.Tasks`).

    Codes are (n,) class numbers, or (n, targets) with -1 for unknown.
    """

    @property
    def identity(self) -> list[Any]:
        """What makes it another question, as JSON."""
        ...

    @property
    def classes(self) -> int:
        """How many classes there are in all."""
        ...

    def weigh(self, codes: np.ndarray) -> Tensor:
        """(classes,) float32, what a row of each class counts for the classes of a question to count the same."""
        ...

    def loss(self, logits: Tensor, codes: Tensor, weights: Tensor) -> Tensor:
        """What a batch of (n, outputs) logits is to make small."""
        ...

    def scores(self, logits: Tensor, codes: Tensor, weights: Tensor) -> dict[str, float]:
        """`loss`, `auroc` and `balanced_accuracy`, by one of which the best epoch is chosen; of several questions their means."""
        ...

    def by_target(self, logits: Tensor, codes: Tensor, weights: Tensor) -> dict[str, dict[str, float]]:
        """The same for each of several questions; nothing of one."""
        ...

    def counts(self) -> dict[str, float]:
        """What the loss of each of several questions counts at present; nothing of one."""
        ...
