"""A multilayer perceptron of one hidden layer, by scikit-learn, from features to logits."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.utils.validation import has_fit_parameter

from overread.errors import UserError
from overread.learners.probe.rows import Rows
from overread.learners.probe.solver import Layers, Logits

EPOCHS, BATCH = 60, 128


class Mlp:
    """Dense, ReLU, dense; Adam. The strength is the weight decay alpha."""

    def __init__(self, strengths: Sequence[float], hidden: int, seed: int) -> None:
        self.strengths = strengths
        self.hidden = hidden
        self.seed = seed

    def path(self, seen: Rows, held: NDArray[np.float32]) -> list[Logits]:
        return [self.solve(seen, strength, None).logits(held) for strength in self.strengths]

    def linked(self, said: Logits, rows: Rows) -> Logits:
        return said

    def solve(self, rows: Rows, strength: float, said: Logits | None) -> Layers:
        model = MLPClassifier((self.hidden,), alpha=strength, batch_size=min(BATCH, len(rows)), max_iter=EPOCHS, random_state=self.seed)
        weighted = {} if (rows.weights == 1).all() else {"sample_weight": rows.weights}
        if weighted and not has_fit_parameter(model, "sample_weight"):
            raise UserError(
                "this scikit-learn has no class weights for an MLP", "learner.balance", "install scikit-learn 1.7 or later, or set it to none"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is a choice, as is the decay
            model.fit(rows.features, rows.codes, **weighted)
        return Layers([weight.T.astype(np.float64) for weight in model.coefs_], [bias.astype(np.float64) for bias in model.intercepts_])
