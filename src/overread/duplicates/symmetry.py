"""A mirrored or inverted picture has the descriptors of the picture itself in another order: none has to be described twice.

A SIFT descriptor is 4 rows x 4 columns x 8 directions, measured in the frame of its point's own orientation (Lowe 2004). Mirroring turns
rows and directions round; inverting turns the gradient, and with it the frame, by half a circle, so that rows and columns turn round
and directions, measured in that frame, stay. Ma et al. 2010 (MI-SIFT) use the same for the two alone.
"""

import numpy as np
from numpy.typing import NDArray

_CELLS = np.arange(128).reshape(4, 4, 8)

MIRROR: NDArray[np.intp] = _CELLS[::-1, :, -np.arange(8) % 8].ravel()
"""Order in which a descriptor's numbers stand once the picture is mirrored."""

INVERT: NDArray[np.intp] = _CELLS[::-1, ::-1, :].ravel()
"""The same once dark and bright are exchanged."""

MIRRORED, INVERTED = 1, 2
"""Bits of a parity: in which of the two ways a picture, or a descriptor, differs from another."""

ACROSS = np.repeat(np.tile(np.arange(4) - 1.5, 4), 8).astype(np.float32)
DOWN = np.repeat(np.repeat(np.arange(4) - 1.5, 4), 8).astype(np.float32)
"""Weights whose product with a descriptor changes its sign under INVERT (both) and under MIRROR (DOWN alone)."""


def changed(descriptors: NDArray[np.float32], parity: int) -> NDArray[np.float32]:
    """(k, 128) descriptors of the picture once it is mirrored, inverted or both, as the bits of `parity` say."""
    if parity & MIRRORED:
        descriptors = descriptors[:, MIRROR]
    return descriptors[:, INVERT] if parity & INVERTED else descriptors


def canonical(descriptors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """One form for the four orders a descriptor can have, so that all four are found by one search.

    Returns
    -------
    (k, 128) float32
        With more weight on the later columns and on the later rows.
    (k,) int64
        Parity: what was done to reach it. Two descriptors of one place match where their canonical forms do, and the exclusive or
        of their parities says how their pictures differ.
    """
    inverted = descriptors @ ACROSS < 0
    descriptors = np.where(inverted[:, None], descriptors[:, INVERT], descriptors)
    mirrored = descriptors @ DOWN < 0
    return np.where(mirrored[:, None], descriptors[:, MIRROR], descriptors), mirrored * MIRRORED + inverted * INVERTED
