"""The table's own model: a logistic regression whose strength is chosen by grouped cross-validation inside train."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold

STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
"""C of the logistic regression, the strongest penalty first."""

FOLDS = 5


@dataclass(frozen=True)
class Logistic:
    """Logits of (n, d) rows: ``x @ weight + bias``.

    Attributes
    ----------
    weight : (d, C) float64
    bias : (C,) float64
    """

    weight: np.ndarray
    bias: np.ndarray

    def __call__(self, x: csr_matrix) -> np.ndarray:
        """(n, C) float64, the first class at 0."""
        z = np.asarray(x @ self.weight) + self.bias
        return np.asarray(z - z[:, :1])


def solve(x: csr_matrix, truth: np.ndarray, classes: int, component: np.ndarray, seed: int) -> tuple[Logistic, float]:
    """The regression, and the C that was chosen by the log-loss of rows whose component was held out.

    Parameters
    ----------
    x : (n, d)
    truth : (n,) int in [0, classes), two classes or more among them; one that is absent is called as rare as one in twice as many rows
    component : (n,) which belong together
    """
    strength = _strength(x, truth, component, seed)
    model = _fit(x, truth, strength)
    weight, bias = np.zeros((x.shape[1], classes)), np.full(classes, -np.log(2 * len(truth)))
    binary = len(model.classes_) == 2
    present = model.classes_[1:] if binary else model.classes_
    bias[model.classes_] = 0
    weight[:, present], bias[present] = model.coef_.T, model.intercept_
    return Logistic(weight, bias), strength


def _strength(x: csr_matrix, truth: np.ndarray, component: np.ndarray, seed: int) -> float:
    """The C of the least loss; the middle one where a class has one component, which cannot be held out."""
    present = np.unique(truth)
    rarest = min(len(np.unique(component[truth == one])) for one in present)
    if rarest < 2:
        return STRENGTHS[len(STRENGTHS) // 2]
    folds = list(StratifiedGroupKFold(min(FOLDS, rarest), shuffle=True, random_state=seed).split(x, truth, component))
    folds = [(learn, held) for learn, held in folds if len(np.unique(truth[learn])) == len(present)]
    losses = [
        sum(log_loss(truth[held], _fit(x[learn], truth[learn], one).predict_proba(x[held]), labels=present, normalize=False) for learn, held in folds)
        for one in STRENGTHS
    ]
    return STRENGTHS[int(np.argmin(losses))]


def _fit(x: csr_matrix, truth: np.ndarray, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=5000).fit(x, truth)
