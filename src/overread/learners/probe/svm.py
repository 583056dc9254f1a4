"""Linear support vector machine, its margins made probabilities by a sigmoid fitted on held-out ones (Platt 1999)."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from overread.evaluation.recalibration import recalibrate
from overread.learners.probe.linear import compact
from overread.learners.probe.rows import Rows
from overread.learners.probe.solver import Layers, Logits


class Svm:
    """Squared hinge, one class against the rest; several classes' sigmoids are divided by their sum.

    One model is made of all rows, and its sigmoids are those of the folds' margins: what scikit-learn calls
    ``CalibratedClassifierCV(ensemble=False)``.
    """

    def __init__(self, strengths: Sequence[float]) -> None:
        self.strengths = strengths

    def path(self, seen: Rows, held: NDArray[np.float32]) -> list[Logits]:
        features, basis = compact(seen.features.astype(np.float64))
        asked = held if basis is None else held @ basis
        return [_fit(features, seen, strength).decision_function(asked).reshape(len(held), -1) for strength in self.strengths]

    def linked(self, said: Logits, rows: Rows) -> Logits:
        slope, bias = sigmoids(said, rows)
        values = slope * said + bias
        return values if rows.outputs == 1 else -np.logaddexp(0, -values)

    def solve(self, rows: Rows, strength: float, said: Logits | None) -> Layers:
        """Without held-out margins each sigmoid is that of the margin itself."""
        features, basis = compact(rows.features.astype(np.float64))
        model = _fit(features, rows, strength)
        weight = model.coef_ if basis is None else model.coef_ @ basis.T
        slope, bias = (np.ones(rows.outputs), np.zeros(rows.outputs)) if said is None else sigmoids(said, rows)
        return Layers([slope[:, None] * weight], [slope * model.intercept_ + bias], "softmax" if rows.outputs == 1 else "sigmoids")


def sigmoids(margins: Logits, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(k,) slopes and biases: the likeliest sigmoid of each margin, towards Platt's targets, which are never quite 0 or 1."""
    fitted = []
    for code, margin in enumerate(margins.T.astype(np.float64)):
        own = rows.codes == (1 if rows.outputs == 1 else code)
        inside, outside = rows.weights[own].sum(), rows.weights[~own].sum()
        truth = np.where(own, (inside + 1) / (inside + 2), 1 / (outside + 2))
        fitted.append(recalibrate(margin, truth, rows.weights[None])[0])
    bias, slope = np.transpose(fitted)
    constant = ~np.isfinite(slope)  # margins that do not differ say nothing
    return np.where(constant, 0.0, slope), np.where(constant, 0.0, bias)


def _fit(features: NDArray[np.floating], rows: Rows, strength: float) -> LinearSVC:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # at the weakest penalties, which are there to be passed over
        return LinearSVC(C=strength, dual=False).fit(features, rows.codes, sample_weight=rows.weights)
