"""Logistic regression: scikit-learn's, from the weakest weights to the strongest, each beginning where the last one ended."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from overread.learners.probe.linear import compact
from overread.learners.probe.rows import Rows
from overread.learners.probe.solver import Layers, Logits

ROUGH, FINE = (1e-4, 100), (1e-6, 2000)
"""Tolerance and most steps: to choose a strength, where scikit-learn's own defaults do, and to solve the head that is kept."""


class LogReg:
    """Two classes: one logit; more: a softmax (multinomial)."""

    def __init__(self, strengths: Sequence[float]) -> None:
        self.strengths = strengths

    def path(self, seen: Rows, held: NDArray[np.float32]) -> list[Logits]:
        """In float32: choosing needs no more, and takes half the time."""
        features, basis = compact(seen.features)
        asked = held if basis is None else held @ basis
        model = LogisticRegression(warm_start=True, tol=ROUGH[0], max_iter=ROUGH[1])
        said = []
        for strength in self.strengths:
            _fit(model.set_params(C=strength), features, seen)
            said.append(model.decision_function(asked).reshape(len(held), -1))
        return said

    def linked(self, said: Logits, rows: Rows) -> Logits:
        return said

    def solve(self, rows: Rows, strength: float, said: Logits | None) -> Layers:
        features, basis = compact(rows.features.astype(np.float64))
        model = LogisticRegression(C=strength, tol=FINE[0], max_iter=FINE[1])
        _fit(model, features, rows)
        return Layers([model.coef_ if basis is None else model.coef_ @ basis.T], [model.intercept_])


def _fit(model: LogisticRegression, features: NDArray[np.floating], rows: Rows) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # at the weakest penalties, which are there to be passed over
        model.fit(features, rows.codes, sample_weight=rows.weights)
