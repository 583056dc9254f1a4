"""Two answers become one: a weight for the image, one for the table and a bias a class, fitted where neither learnt."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

LOOSE = 2.0
"""Standard deviation of the priors on weights (of logits of unit spread) and biases: nothing beside 20 cases."""


@dataclass(frozen=True)
class Together:
    """``image * raw_image + table * raw_table + bias``; no weight is negative, so that neither answer is turned over."""

    image: float
    table: float
    bias: tuple[float, ...]

    def __call__(self, image: np.ndarray, table: np.ndarray) -> np.ndarray:
        """(n, C) logits of the two parts' (n, C) logits, the first class at 0."""
        z = self.image * image + self.table * table + np.asarray(self.bias)
        return np.asarray(z - z[:, :1])


def combine(image: np.ndarray, table: np.ndarray, truth: np.ndarray) -> Together:
    """The likeliest weights (stacked generalisation, Wolpert 1992; late fusion in medicine: Huang et al. 2020, npj Digital Medicine 3:136).

    Parameters
    ----------
    image, table : (n, C) float, logits of rows that neither model learnt from
    truth : (n,) int in [0, C)
    """
    parts = np.stack([raw - raw.mean(1, keepdims=True) for raw in (image, table)])
    middle, classes = parts.mean(axis=1), image.shape[1]
    scale = np.maximum((parts - middle[:, None]).std(axis=(1, 2)), 1e-6)
    z = (parts - middle[:, None]) / scale[:, None, None]
    hot = np.eye(classes)[truth]

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        logs = log_softmax(np.tensordot(at[:2], z, axes=1) + np.append(0.0, at[2:]), axis=1)
        slack = np.exp(logs) - hot
        gradient = np.append((slack * z).sum(axis=(1, 2)), slack.sum(0)[1:]) + at / LOOSE**2
        return -(logs * hot).sum() + (at**2).sum() / (2 * LOOSE**2), gradient

    start, bounds = np.append([0.5, 0.5], np.zeros(classes - 1)), [(0, None)] * 2 + [(None, None)] * (classes - 1)
    at = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8}).x
    weights = at[:2] / scale
    bias = np.append(0.0, at[2:]) - weights @ middle
    return Together(float(weights[0]), float(weights[1]), tuple((bias - bias[0]).tolist()))


def alone_and_together(image: np.ndarray, table: np.ndarray, truth: np.ndarray, component: np.ndarray, seed: int) -> dict[str, float]:
    """AUROC on validation rows of the image, of the table, and of both with weights from other components; of several classes the mean.

    Not a number where a class is missing, or, of both, has a single component.
    """
    rarest = min(len(np.unique(component[truth == one])) for one in range(image.shape[1]))
    both = np.full(image.shape, np.nan)
    if rarest >= 2:
        for learn, held in StratifiedGroupKFold(min(5, rarest), shuffle=True, random_state=seed).split(truth, truth, component):
            both[held] = combine(image[learn], table[learn], truth[learn])(image[held], table[held])
    return {name: _area(raw, truth) for name, raw in (("image", image), ("table", table), ("both", both))}


def _area(raw: np.ndarray, truth: np.ndarray) -> float:
    """Mean over classes (of two, the second) of the AUROC of each against the rest."""
    asked = range(1, 2) if raw.shape[1] == 2 else range(raw.shape[1])
    if np.isnan(raw).any() or any((truth == one).all() or not (truth == one).any() for one in asked):
        return float("nan")
    p = log_softmax(raw, axis=1)
    return float(np.mean([roc_auc_score(truth == one, p[:, one]) for one in asked]))
