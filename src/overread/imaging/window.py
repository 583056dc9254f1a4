"""Measurements of any depth become 8-bit grey: integers that fit are kept, everything else is windowed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

PERCENTILES = (0.5, 99.5)
"""The window's edges: a burned-in white letter or a dead pixel does not set the contrast of the whole film."""


def window(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Grey levels 0..255 of an array of any shape and number type.

    Integers that all lie within 0..255 are kept as they are: they were 8-bit before they were stored wider. Other values are mapped
    linearly, so that the 0.5th percentile of the finite ones is black and the 99.5th white (the extremes, where those two coincide).
    Values that are not finite are black; a constant image is black.
    """
    finite = np.isfinite(values)
    known = values if finite.all() else values[finite]
    if not known.size or known.min() == known.max():
        return np.zeros(values.shape, np.uint8)
    if np.issubdtype(values.dtype, np.integer) and known.min() >= 0 and known.max() <= 255:
        return np.asarray(values, np.uint8)
    low, high = edges(known)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:  # a look-up is many times faster than arithmetic on every pixel
        return np.asarray(shade(np.arange(2**16), low, high)[values])
    return shade(np.where(finite, values, low), low, high)


def edges(known: NDArray[Any]) -> tuple[float, float]:
    """What becomes black and what white: the percentiles, or the extremes where those coincide."""
    low, high = (float(edge) for edge in np.percentile(known, PERCENTILES))
    return (low, high) if low < high else (float(known.min()), float(known.max()))


def shade(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    """0 at `low` and below, 255 at `high` and above, linear between."""
    share = (np.asarray(values, np.float64) - low) / (high - low)
    return np.asarray(np.rint(255 * share.clip(0, 1)), np.uint8)
