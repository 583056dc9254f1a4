"""One answer out of several: how what a model says of a unit's images becomes what is said of the unit."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from scipy.special import log_expit, log_softmax

from overread.catalog import Target
from overread.errors import UserError
from overread.evaluation.decision import fit_decision

Pool = Literal["mean", "max", "noisy-or", "learned"]

LEAST = 1e-30
"""A pooled probability below this counts as this: its logarithm must be finite."""

EXPONENTS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""What a learned pool chooses from: at 0 it is the mean; at 64, of four images, it is the largest but for 0.02."""


def pool(log_p: np.ndarray, first: np.ndarray, how: Pool, binary: bool, exponent: float = 0.0) -> np.ndarray:
    """Pool the images of each unit.

    Parameters
    ----------
    log_p : (n, C) float, logarithms of each image's probabilities, the images of a unit side by side; NaN for an image without an answer
    first : (u,) int, where each unit begins
    binary : whether the last of two classes is a finding, which one image is enough to show
    exponent : of the learned pool

    Returns
    -------
    (u, C) float
        Logarithms of the pooled probabilities, at least log(LEAST); NaN where an image has no answer.

    Notes
    -----
    ``mean`` is that of the probabilities (Rajpurkar et al. 2017). ``max`` is the image with the most of the positive class; of several
    classes the largest of each, made to sum to 1 again. ``noisy-or`` is 1 - prod(1 - p) (Pearl 1988): each image alone may show it.
    ``learned`` is log(mean(exp(r z))) / r of the log-odds z (Pinheiro & Collobert 2015): their mean where r goes to 0, the largest where it
    grows; of several classes the same of each one's log-probability, made to sum to 1 again (r = 1 is then ``mean``). All is done on
    logarithms: an image that is very sure is not taken for one that is quite sure, and a unit of one image says what that image says.
    """
    if how == "mean":
        pooled = _mean_exp(log_p, first)
    elif how == "max" and binary:
        pooled = np.stack([np.minimum.reduceat(log_p[:, 0], first), np.maximum.reduceat(log_p[:, 1], first)], axis=1)
    elif how == "max":
        pooled = log_softmax(np.maximum.reduceat(log_p, first), axis=1)
    elif how == "noisy-or":
        none = np.add.reduceat(log_p[:, 0], first)
        with np.errstate(divide="ignore"):
            pooled = np.stack([none, np.log(-np.expm1(none))], axis=1)
    elif binary:
        odds = _generalised((log_p[:, 1:] - log_p[:, :1]), first, exponent)[:, 0]
        pooled = np.stack([log_expit(-odds), log_expit(odds)], axis=1)
    else:
        pooled = log_softmax(_generalised(log_p, first, exponent), axis=1)
    return np.asarray(pooled.clip(np.log(LEAST)))


def choose_exponent(log_p: np.ndarray, first: np.ndarray, truth: np.ndarray, target: Target, calibrate: bool = True) -> float:
    """The learned pool's exponent under which validation units are likeliest, calibration being fitted beside it.

    Parameters
    ----------
    log_p, first : see `pool`
    truth : (u,) int in [0, C), -1 unknown
    calibrate : whether the pooled probabilities are to be calibrated; the log loss is of what is made of them

    Returns
    -------
    float
        One of EXPONENTS; the first of equals. 0, the mean of the log-odds, where a class is missing: nothing can be learnt then.
    """
    known = truth >= 0
    if len(np.unique(truth[known])) < len(target.classes):
        return 0.0
    losses = []
    for exponent in EXPONENTS:
        pooled = pool(log_p, first, "learned", target.kind == "binary", exponent)
        p = fit_decision(pooled, truth, target, calibrate=calibrate).probabilities(pooled)
        losses.append(-np.log(p[known, truth[known]].clip(LEAST)).mean())
    return EXPONENTS[int(np.argmin(np.round(losses, 9)))]


def pool_of(how: Pool, target: Target) -> Pool:
    """What pools a target where `how` is asked for: a body part is no finding that one image shows, and noisy-or leaves it the mean."""
    return "mean" if how == "noisy-or" and target.kind != "binary" else how


def check_pool(how: Pool, targets: Mapping[str, Target]) -> None:
    """Refuse a pool that is made for findings where the main question is after none; for the further ones see `pool_of`.

    Raises
    ------
    UserError
        ``noisy-or`` of a first target that is not binary.
    """
    name, target = next(iter(targets.items()))
    if how == "noisy-or" and target.kind != "binary":
        raise UserError(
            f"noisy-or asks whether any image shows a finding; {name} is {target.kind}",
            "evaluation.pool",
            "choose mean, max or learned, or a model that answers a binary target first",
        )


def _mean_exp(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """(u, C) logarithm of the mean of exp(values) in each unit."""
    size = np.diff(first, append=len(values))
    with np.errstate(invalid="ignore"):  # an image without an answer
        return np.asarray(np.logaddexp.reduceat(values, first) - np.log(size)[:, None])


def _generalised(values: np.ndarray, first: np.ndarray, exponent: float) -> np.ndarray:
    """(u, C) generalised mean of the values in each unit: between mean and maximum."""
    if exponent == 0:
        return np.asarray(np.add.reduceat(values, first) / np.diff(first, append=len(values))[:, None])
    return _mean_exp(exponent * values, first) / exponent
