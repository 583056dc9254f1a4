"""From logits to a decision: calibrated probabilities and a threshold, both learnt where the model is neither trained nor tested."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from overread.catalog import Target

LOOSE = 2.0
"""Standard deviation of the priors on log slope and biases: nothing beside 20 cases, but separable classes keep a finite slope."""


@dataclass(frozen=True)
class Decision:
    """How logits become probabilities and probabilities a class.

    Attributes
    ----------
    method : what calibrates: ``Platt scaling``, ``temperature and class bias`` or ``none``
    slope : multiplies every logit (1 / temperature)
    bias : (C,) added to each class's logit, 0 for the first
    threshold : on the calibrated probability of the positive class; None where the likeliest class is taken
    rule : how the threshold was found
    n : cases it was fitted on
    note : why something asked for was not done, or blank
    """

    method: str
    slope: float
    bias: list[float]
    threshold: float | None
    rule: str
    n: int
    note: str = ""

    def probabilities(self, raw: np.ndarray) -> np.ndarray:
        """(n, C) calibrated probabilities of (n, C) logits."""
        return np.asarray(softmax(self.slope * raw + np.asarray(self.bias), axis=1))

    def decide(self, probability: np.ndarray) -> np.ndarray:
        """(n,) int class numbers of (n, C) calibrated probabilities; at the threshold itself the answer is positive."""
        if self.threshold is None:
            return np.asarray(probability.argmax(1))
        return (probability[:, 1] >= self.threshold).astype(int)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "Decision":
        return cls(**entry)


def fit_decision(
    raw: np.ndarray, truth: np.ndarray, target: Target, threshold: Literal["youden"] | float = "youden", calibrate: bool = True
) -> Decision:
    """Learn calibration and threshold from validation rows; from a local sample it is the recalibration of a model to a new site.

    Parameters
    ----------
    raw : (n, C) float, logits
    truth : (n,) int in [0, C); rows of -1 (unknown) are left out
    target : its classes; a binary one's positive class is the last
    threshold : ``youden`` (largest sensitivity + specificity - 1), or a sensitivity to reach: the largest threshold that does
    calibrate : False keeps the logits as they are

    Returns
    -------
    Decision
        Without calibration and at one half, and saying so in `note`, if a class is missing: nothing can be learnt then.

    Notes
    -----
    Platt scaling (Platt 1999) of two classes and temperature with class bias of more (Guo et al. 2017; Alexandari et al. 2020) are one
    model, softmax(slope * raw + bias), fitted by maximum likelihood under loose priors. Class weights in training shift the biases;
    this takes the shift out again. The slope is positive by construction: calibration never turns a ranking over.
    """
    known = truth >= 0
    raw, truth = raw[known], truth[known]
    binary, classes, n = target.kind == "binary", len(target.classes), len(truth)
    missing = sorted(set(range(classes)) - set(truth.tolist()))
    if missing:
        absent = ", ".join(target.classes[one] for one in missing)
        at, rule = (0.5, "one half") if binary else (None, "likeliest class")
        return Decision("none", 1.0, [0.0] * classes, at, rule, n, f"no case of {absent} to learn from: neither calibrated nor thresholded")
    method, slope, bias = "none", 1.0, np.zeros(classes)
    if calibrate:
        method = "Platt scaling" if binary else "temperature and class bias"
        slope, bias = _fit(raw, truth)
    if not binary:
        return Decision(method, slope, bias.tolist(), None, "likeliest class", n)
    positive = softmax(slope * raw + bias, axis=1)[:, 1]
    rule = "largest sensitivity + specificity (Youden)" if threshold == "youden" else f"largest threshold with sensitivity of {threshold:g} or more"
    return Decision(method, slope, bias.tolist(), choose_threshold(truth, positive, threshold), rule, n)


def choose_threshold(truth: np.ndarray, score: np.ndarray, rule: Literal["youden"] | float) -> float:
    """The threshold a rule asks for, half way between the two scores it separates.

    Parameters
    ----------
    truth : (n,) 0 or 1, both present
    score : (n,) float in [0, 1]
    rule : ``youden`` or the sensitivity to reach

    Notes
    -----
    Of several thresholds with the same Youden index the one nearest to the middle of them: the least that chance decides.
    """
    distinct = np.unique(score)
    cuts = np.concatenate([[distinct[0]], (distinct[1:] + distinct[:-1]) / 2])
    positives, negatives = np.sort(score[truth == 1]), np.sort(score[truth == 0])
    sensitivity = 1 - np.searchsorted(positives, cuts, side="left") / len(positives)
    if rule != "youden":
        return float(cuts[sensitivity >= rule - 1e-12][-1])
    specificity = np.searchsorted(negatives, cuts, side="left") / len(negatives)
    best = np.flatnonzero(sensitivity + specificity > (sensitivity + specificity).max() - 1e-12)
    return float(cuts[best[len(best) // 2]])


def _fit(raw: np.ndarray, truth: np.ndarray) -> tuple[float, np.ndarray]:
    """Slope and (C,) bias that make the truth likeliest."""
    classes = raw.shape[1]
    scale = max(float((raw - raw.mean(1, keepdims=True)).std()), 1e-6)
    z = (raw - raw.mean(1, keepdims=True)) / scale
    hot = np.eye(classes)[truth]

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        slope, bias = np.exp(at[0]), np.append(0.0, at[1:])
        logs = log_softmax(slope * z + bias, axis=1)
        slack = np.exp(logs) - hot
        gradient = np.append((slack * z).sum() * slope, slack.sum(0)[1:]) + at / LOOSE**2
        return -(logs * hot).sum() + (at**2).sum() / (2 * LOOSE**2), gradient

    at = minimize(loss, np.zeros(classes), jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8}).x
    return float(np.exp(at[0]) / scale), np.append(0.0, at[1:])
