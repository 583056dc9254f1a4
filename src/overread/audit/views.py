"""What is left of a picture when the anatomy is hidden: its border, its corners, a handful of cells, its histogram."""

from collections.abc import Callable

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.audit.base import Context
from overread.progress import track

CELLS, CORNER, THUMB, BINS = 20, 4, 8, 32
"""Cells along a side, the outermost ring being 5 % of it; cells of a corner's side, at twice as many; side of a thumbnail; levels of a histogram."""

Picture = NDArray[np.uint8]


def border(picture: Picture) -> NDArray[np.float32]:
    """(76, 2 channels) of an (h, w, 3) picture: mean and spread of each cell of the outer 5 %."""
    values = picture.astype(np.float32)
    mean, square = _small(values, CELLS), _small(values**2, CELLS)
    ring = np.ones((CELLS, CELLS), bool)
    ring[1:-1, 1:-1] = False
    return np.concatenate([mean[ring], np.sqrt((square - mean**2).clip(0))[ring]])


def corners(picture: Picture) -> NDArray[np.float32]:
    """(64, channels): 4 x 4 cells of each corner, a tenth of the side long."""
    cells = _small(picture.astype(np.float32), 2 * CELLS)
    ends = (slice(0, CORNER), slice(-CORNER, None))
    return np.concatenate([cells[down, right].reshape(-1, cells.shape[2]) for down in ends for right in ends])


def thumbnail(picture: Picture) -> NDArray[np.float32]:
    """(64, channels): the whole picture as 8 x 8 cells."""
    return _small(picture.astype(np.float32), THUMB).reshape(THUMB**2, -1)


def histogram(picture: Picture) -> NDArray[np.float32]:
    """(32, channels): share of pixels at each of 32 levels, wherever they lie."""
    level = picture.reshape(-1, picture.shape[2]) // (256 // BINS)
    counts = np.stack([np.bincount(channel, minlength=BINS) for channel in level.T], axis=1)
    return (counts / len(level)).astype(np.float32)


VIEWS: dict[str, Callable[[Picture], NDArray[np.float32]]] = {
    "the border (outer 5%)": border,
    "the four corners": corners,
    "a thumbnail of 8 x 8": thumbnail,
    "the histogram": histogram,
}
"""A view in words to the function that takes it."""


def seen(context: Context, rows: pd.DataFrame, *names: str) -> dict[str, NDArray[np.float32]]:
    """Some views of some rows' pictures, each picture read once and without its padding, which would tell the aspect.

    Returns
    -------
    dict of str to (n, d) float32
        In the order of the rows; one channel where all pictures are grey.
    """
    taken = [[VIEWS[name](context.picture(int(place))) for name in names] for place in track(rows.index, "looking at borders", len(rows))]
    stacked = {name: np.stack([one[i] for one in taken]) for i, name in enumerate(names)}
    grey = all((view == view[..., :1]).all() for view in stacked.values())
    return {name: (view[..., :1] if grey else view).reshape(len(rows), -1) for name, view in stacked.items()}


def _small(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """(side, side, channels) means over area."""
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)
