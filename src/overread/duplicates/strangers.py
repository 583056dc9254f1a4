"""Two strangers may share a screen's frame, scale and menu, and these may be most of what is to be seen; they differ in what is framed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.duplicates.describe import Described
from overread.duplicates.symmetry import MIRRORED
from overread.duplicates.verify import LEAST, Match, align, correlated, detail, framed, needed

CONTRADICTED = 0.06
"""Share of the places with detail that may contradict a transform. Of 1,340 planted copies none comes above 0.05, one with a label painted over."""

GRID, REACH, BUSY = 4, 4, 5
"""Pixels to a place; places within which points are counted; and how many of them each picture must have there to be asked."""

DISAGREE, SPREAD, FAINT = 0.45, 6.0, 0.06
"""Correlation below which pixels disagree, pixels that it is taken over, and the detail below which there is nothing to compare."""


def contradicted(one: Described, other: Described, here: NDArray[np.uint8], there: NDArray[np.uint8], found: Match) -> float:
    """The share of places with detail where both pictures have many points, none of which agrees, and pixels do not agree either.

    Copies agree a little everywhere, and are contradicted by what was burned in or painted over alone.
    """
    left, right, both = align(here, there, found)
    like, weight = detail(left, right)
    told = _smooth(weight * both)
    local = _smooth(like * weight * both) / np.maximum(told, 1e-9)
    held = _sampled(both & (told > FAINT))
    points = _together(one.points[:, :2], other.points[:, :2], found, here.shape[1])
    agreed, _ = _together(found.here, found.there, found, here.shape[1])
    mine, theirs, shared = (_near(places, held.shape) for places in (*points, agreed))
    against = held & (np.minimum(mine, theirs) >= BUSY) & (shared < 1) & _sampled(local < DISAGREE)
    return float(against.sum() / max(1, held.sum()))


def agree_alone(
    one: NDArray[np.uint8], other: NDArray[np.uint8], found: Match, own: NDArray[np.bool_] | None, others: NDArray[np.bool_] | None
) -> bool:
    """Whether two copies are copies still by what is the own of the one, and by what is the own of the other.

    Parameters
    ----------
    own, others : (h, w) bool of each picture, see `common.own`; None where that is not asked
    """
    here, there, both = align(one, other, found)
    asked = []
    if own is not None:
        asked.append((own, found.here, framed(_painted(own), _painted(np.ones(other.shape, bool)), found)[0]))
    if others is not None:
        asked.append((others, found.there, framed(_painted(np.ones(one.shape, bool)), _painted(others), found)[1]))
    return all(_within(here, there, both & (seen > 0), _held(points, mask)) for mask, points, seen in asked)


def _within(here: NDArray[np.uint8], there: NDArray[np.uint8], asked: NDArray[np.bool_], points: int) -> bool:
    """Whether two aligned pictures agree in a part of them that holds so many of the points that agree."""
    return int(asked.sum()) >= LEAST and correlated(here, there, asked) >= needed(points)


def _held(points: NDArray[np.float32], mask: NDArray[np.bool_]) -> int:
    """How many points lie in a mask."""
    down, across = points[:, ::-1].round().astype(int).clip(0, np.array(mask.shape) - 1).T
    return int(mask[down, across].sum())


def _painted(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return mask.astype(np.uint8) * 255


def _smooth(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return cv2.GaussianBlur(values.astype(np.float32), (0, 0), SPREAD).astype(np.float32, copy=False)


def _sampled(values: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """One pixel a place."""
    return values[GRID // 2 :: GRID, GRID // 2 :: GRID]


def _together(here: NDArray[np.float32], there: NDArray[np.float32], found: Match, width: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Points of the one and of the other picture in the frame that `verify.align` puts both in."""
    if found.parity & MIRRORED:
        here = np.stack([width - 1 - here[:, 0], here[:, 1]], axis=1)
    motion = found.motion if found.scale >= 1 else cv2.invertAffineTransform(found.motion)
    if found.scale >= 1:
        return here @ motion[:, :2].T + motion[:, 2], there
    return here, there @ motion[:, :2].T + motion[:, 2]


def _near(points: NDArray[np.floating], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """How many of the points lie within reach of each place."""
    counts = np.zeros(shape, np.float32)
    at = np.floor(points / GRID).astype(int)
    at = at[((at >= 0) & (at < [shape[1], shape[0]])).all(axis=1)]
    np.add.at(counts, (at[:, 1], at[:, 0]), 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * REACH + 1, 2 * REACH + 1)).astype(np.float32)
    return cv2.filter2D(counts, -1, disc, borderType=cv2.BORDER_CONSTANT).astype(np.float32, copy=False)
