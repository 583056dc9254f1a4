"""Weighted cases: the sums that every metric is made of, for one sample or for thousands of bootstrap draws at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from overread.evaluation.recalibration import in_the_large, recalibrate


@dataclass(frozen=True)
class Cases:
    """Scored cases of one target.

    Attributes
    ----------
    truth : (n,) int in [0, C)
    probability : (n, C) float, rows sum to 1; a binary target's positive class is the last
    decision : (n,) int in [0, C)
    """

    truth: np.ndarray
    probability: np.ndarray
    decision: np.ndarray

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def classes(self) -> int:
        return int(self.probability.shape[1])

    def against(self, one: int) -> "Cases":
        """One class against all others, as binary cases whose positive class is that one."""
        score = self.probability[:, one]
        return Cases((self.truth == one).astype(int), np.stack([1 - score, score], 1), (self.decision == one).astype(int))

    def only(self, rows: np.ndarray) -> "Cases":
        """The cases that a boolean mask keeps."""
        return Cases(self.truth[rows], self.probability[rows], self.decision[rows])

    @cached_property
    def one_against_rest(self) -> list["Cases"]:
        return [self.against(one) for one in range(self.classes)]

    @cached_property
    def cells(self) -> np.ndarray:
        """(n, C * C) float, 1 in the cell of the confusion matrix that a case falls into."""
        return np.asarray(np.eye(self.classes**2)[self.truth * self.classes + self.decision])

    @cached_property
    def score(self) -> np.ndarray:
        """(n,) probability of the last class: of the positive one if there are two."""
        return np.asarray(self.probability[:, -1])

    @cached_property
    def order(self) -> np.ndarray:
        """(n,) positions of the cases by falling score."""
        return np.argsort(-self.score, kind="stable")

    @cached_property
    def ties(self) -> np.ndarray:
        """(g,) where each run of equal scores begins in `order`."""
        return np.flatnonzero(np.diff(self.score[self.order], prepend=np.inf))

    @cached_property
    def logit(self) -> np.ndarray:
        """(n,) log-odds of the positive class, at most 27.6 either way (1e-12)."""
        p = self.score.clip(1e-12, 1 - 1e-12)
        return np.asarray(np.log(p / (1 - p)))

    @cached_property
    def recalibration(self) -> np.ndarray:
        """(2,) intercept and slope of the logistic recalibration of the unweighted cases: where the draws' iterations begin."""
        return np.asarray(recalibrate(self.logit, self.truth, np.ones((1, len(self))))[0])

    @cached_property
    def shift(self) -> float:
        """Intercept in the large of the unweighted cases, for the same end."""
        return float(in_the_large(self.logit, self.truth, np.ones((1, len(self))))[0])


@dataclass(frozen=True)
class Counts:
    """The same cases under several weightings.

    Attributes
    ----------
    cases : Cases
    weight : (draws, n) float, how often each case counts: ones for the point estimate, a row of bootstrap counts for a draw
    """

    cases: Cases
    weight: np.ndarray

    @classmethod
    def plain(cls, cases: Cases) -> "Counts":
        """Every case once."""
        return cls(cases, np.ones((1, len(cases))))

    @cached_property
    def total(self) -> np.ndarray:
        """(draws,) sum of weights."""
        return np.asarray(self.weight.sum(1))

    @cached_property
    def confusion(self) -> np.ndarray:
        """(draws, C, C) weight by truth and decision."""
        table: np.ndarray = (self.weight @ self.cases.cells).reshape(-1, self.cases.classes, self.cases.classes)
        return table

    @cached_property
    def one_against_rest(self) -> list["Counts"]:
        return [Counts(cases, self.weight) for cases in self.cases.one_against_rest]

    @cached_property
    def found(self) -> tuple[np.ndarray, np.ndarray]:
        """(draws, g) weight of positives and of negatives that score at least as high as each distinct score, highest first."""
        falling = self.weight[:, self.cases.order]
        positive = falling * self.cases.truth[self.cases.order]
        last = np.append(self.cases.ties[1:], len(self.cases)) - 1
        true = np.cumsum(positive, axis=1)[:, last]
        return true, np.cumsum(falling, axis=1)[:, last] - true

    def mean(self, values: np.ndarray) -> np.ndarray:
        """(draws,) weighted mean of a value a case, (n,)."""
        return ratio(self.weight @ values, self.total)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole; NaN where the whole is 0, which is to say: undefined."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0))
