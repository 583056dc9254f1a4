"""What many pictures of a set show in one place, a screen's frame, scale or menu, makes no two of them copies: only what is their own can.

A picture is compared, place by place and without moving it, with some others of its shape. Where enough of them share much with it, what they
have not is its own, and two pictures are copies only if that agrees by itself. Neither a family of copies in a large set nor anatomy shares
that much with that many.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.duplicates.describe import Look
from overread.duplicates.verify import ENOUGH, even

OTHERS = 64
"""Pictures of one shape that each is compared with: those with the least hashes, whatever the order of rows."""

CELL = 8
"""Edge of a place, in pixels."""

ALIKE, UNLIKE = 0.8, 0.5
"""Correlation of a place above which two pictures share it, and the median, over those that share much, below which it is its own."""

MUCH = 0.1
"""Share of its places with detail that another must have, to be counted."""

FEWEST, SHARE = 4, 0.2
"""Pictures that must share much with it, at least, and as a share of those it is compared with."""

LITTLE = 0.05
"""Share of its places with detail that must be its own; with less, most of them are copies of it, and nothing is left to ask."""


def own(look: Look, shapes: NDArray[np.int64], names: Sequence[str], asked: Sequence[int]) -> dict[int, NDArray[np.bool_]]:
    """Where each picture shows what others of the set do not.

    Parameters
    ----------
    look : gives a picture
    shapes : (n, 2) height and width of every picture
    names : (n,) hash of every picture
    asked : positions of the pictures that are asked about

    Returns
    -------
    dict
        Position to (h, w) bool; a picture that shares too little with too many, or all of itself, is left out.
    """
    table = pd.DataFrame(shapes, columns=["height", "width"]).assign(name=list(names), asked=False)
    table.loc[list(asked), "asked"] = True
    found: dict[int, NDArray[np.bool_]] = {}
    for shape, group in table.groupby(["height", "width"]):
        if len(group) > FEWEST and group["asked"].any():
            found |= dict(_of_shape(look, shape, group))
    return found


def _of_shape(look: Look, shape: Any, group: pd.DataFrame) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The same for the pictures of one shape."""
    others = group.sort_values("name").index[:OTHERS]
    theirs = np.stack([_places(look(index)) for index in others], axis=1)
    for index in group.index[group["asked"]]:
        mine = _places(look(index))
        held: NDArray[np.bool_] = np.asarray(mine.any(axis=1))
        like = np.matmul(theirs, mine[..., None])[held, :, 0]
        like = like[:, others != index]
        shared = (like > ALIKE).mean(axis=0) if len(like) else np.zeros(1)
        mates = shared >= max(MUCH, shared.max() / 2)
        if mates.sum() < max(FEWEST, SHARE * like.shape[1]):
            continue
        alone: NDArray[np.bool_] = np.zeros(len(mine), dtype=np.bool_)
        alone[held] = np.median(like[:, mates], axis=1) < UNLIKE
        if alone.sum() >= LITTLE * held.sum():
            yield int(index), _spread(alone, shape)


def _places(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(places, CELL * CELL) the detail of each place, of length 1; 0 where there is too little."""
    height, width = picture.shape
    whole = np.pad(even(picture), [(0, -height % CELL), (0, -width % CELL)])
    tall, wide = (length // CELL for length in whole.shape)
    places = whole.reshape(tall, CELL, wide, CELL).swapaxes(1, 2).reshape(tall * wide, CELL * CELL)
    length = np.linalg.norm(places, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.where(length > ENOUGH * CELL, places / np.maximum(length, 1e-9), 0).astype(np.float32)
    return unit


def _spread(places: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(h, w) bool: places, as pixels."""
    height, width = shape
    grid = places.reshape(-(-height // CELL), -(-width // CELL))
    return np.repeat(np.repeat(grid, CELL, axis=0), CELL, axis=1)[:height, :width]
