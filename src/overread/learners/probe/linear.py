"""Fewer numbers for the same answer: n rows span n directions at most, and a penalised linear head lies among them."""

import numpy as np
from numpy.typing import NDArray

WORTH = 4
"""Features a row from which on finding the basis costs less than it saves."""


def compact(features: NDArray[np.float32]) -> tuple[NDArray[np.floating], NDArray[np.floating] | None]:
    """The rows in coordinates of the space they span, and its basis, where that is smaller.

    The penalty is the length of the weights, which no rotation changes and which what is orthogonal to all rows only adds to: the solution is
    exact, not nearly so (Hastie & Tibshirani 2004, "Efficient quadratic regularization for expression arrays").

    Returns
    -------
    coordinates : (n, n) where there are several times as many features as rows; the features themselves otherwise
    basis : (d, n) orthonormal, or None; weights over features are basis @ weights over coordinates
    """
    n, d = features.shape
    if WORTH * n > d:
        return features, None
    basis, coordinates = np.linalg.qr(features.T)
    return np.ascontiguousarray(coordinates.T), basis
