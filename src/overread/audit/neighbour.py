"""The reader that has learnt nothing: it gives a picture the label of the one that looks most like it."""

import numpy as np
from numpy.typing import NDArray

CELLS = 20_000_000
"""Distances held at once."""


def nearest(
    asked: NDArray[np.floating], known: NDArray[np.floating], apart: tuple[NDArray[np.integer], NDArray[np.integer]] | None = None
) -> NDArray[np.int64]:
    """The nearest of known vectors to each that is asked for (Euclidean, the first of several).

    Parameters
    ----------
    asked : (k, d) float
    known : (n, d) float
    apart : (k,) and (n,) int, optional
        A group of each asked and each known one; a neighbour in one's own group does not count.

    Returns
    -------
    (k,) int64 place in `known`; -1 where every known one is of the asked one's group
    """
    found = np.empty(len(asked), np.int64)
    length = np.einsum("ij,ij->i", known, known)
    chunk = max(1, CELLS // max(1, len(known)))
    for begin in range(0, len(asked), chunk):
        part = slice(begin, begin + chunk)
        distance = length - 2 * asked[part] @ known.T
        if apart is not None:
            distance[apart[0][part, None] == apart[1]] = np.inf
        best = distance.argmin(axis=1)
        found[part] = np.where(np.isinf(distance[np.arange(len(best)), best]), -1, best)
    return found
