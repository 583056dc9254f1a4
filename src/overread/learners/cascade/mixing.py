"""How the router's probabilities weigh the experts, and which experts are worth running."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp, softmax

LEAST = 0.02
"""Probability, of each picture, that may be left unasked: the least likely experts, together no more than this, are not run on it. No mixed
probability moves by more than this share, and a picture of which the router is sure costs two networks, not all."""

Logits = NDArray[np.float64]


def weigh(router: Logits, member: NDArray[np.intp], experts: int, routing: Literal["soft", "hard"]) -> Logits:
    """(n, E) float64, how much each expert is heard on each picture; rows sum to 1, 0 is not run.

    Parameters
    ----------
    router : (n, K) logits of the parts
    member : (K,) int in [0, E), the expert that answers for each part; several may share one
    experts : E
    """
    if routing == "hard":
        alone: Logits = np.eye(experts)[member[router.argmax(1)]]
        return alone
    shares = softmax(router, axis=1) @ np.eye(experts)[member]
    rising = np.argsort(shares, axis=1, kind="stable")
    sums = np.cumsum(np.take_along_axis(shares, rising, axis=1), axis=1)
    dropped = np.zeros(shares.shape, bool)
    np.put_along_axis(dropped, rising[:, :-1], sums[:, :-1] <= LEAST, axis=1)
    kept = np.where(dropped, 0.0, shares)
    weights: Logits = kept / kept.sum(1, keepdims=True)
    return weights


def mix(weights: Logits, said: Logits) -> Logits:
    """(n, C) float64, logarithms of the experts' probabilities mixed by their weights (mixture of experts, Jacobs et al. 1991).

    Parameters
    ----------
    weights : (n, E), rows sum to 1
    said : (n, E, C) log-probabilities of each expert; anything, also not a number, where its weight is 0
    """
    heard = weights[:, :, None] > 0
    with np.errstate(divide="ignore"):
        terms = np.where(heard, np.log(weights)[:, :, None] + said, -np.inf)
    mixed: Logits = logsumexp(terms, axis=1)
    return mixed


def probabilities(raw: Logits, shift: Logits | None = None) -> Logits:
    """(n, C) float64 log-probabilities of (n, C) logits, shifted by (C,) if asked for."""
    logs: Logits = log_softmax(raw if shift is None else raw + shift, axis=1)
    return logs
