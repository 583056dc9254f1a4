"""Whether two pictures are copies: one turn, shift and change of size must carry points onto points, and then pixels onto pixels."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from overread.duplicates.describe import Described
from overread.duplicates.symmetry import INVERTED, MIRRORED, changed

INLIERS = 10
"""Fewest points that the transform carries onto their matches."""

RATIO = 0.9
"""A match must be this much nearer than the second nearest (Lowe 2004)."""

REACH = 4.0
"""Pixels by which a point may miss its match."""

SHRINK = 0.3
"""Least change of size, and its inverse the greatest."""

CORRELATION = 0.62
"""Least correlation of the aligned detail, see `agree`. Of planted copies 998 in 1,000 are found with it, of chains of three changes 97 in 100; of
pairs of films that are no planted copies those above it show one patient, exposed twice in one position (`benchmarks/near_duplicates.py`)."""

SURE, MANY = 0.8, 25
"""Correlation asked for with the fewest inliers, and the inliers from which `CORRELATION` is enough: two empty fields of view agree in their rim
alone, two hands in some joints. Of 1,900 planted copies those with fewer than `MANY` come to 0.77 and more."""

OVERLAP = 0.4
"""Least share of the smaller picture that both show."""

DETAIL, FLAT = 3.0, 6.0
"""Pixels within which brightness is made even, and the grey levels of contrast below which there is nothing to compare."""

NEAR, ENOUGH, AGAINST = 4.0, 0.2, 0.4
"""Pixels within which a place's own correlation is taken; the detail from which on all places count alike; the share that may agree less than
is said."""

LEAST = 1000
"""Fewest pixels that both show."""


@dataclass(frozen=True)
class Match:
    """How one picture becomes another.

    Attributes
    ----------
    parity : whether it is mirrored first (upright axis) and inverted, see `symmetry`
    motion : (2, 3) float64, from its pixels, after mirroring, to those of the other
    here, there : (k, 2) float32, the points that agree, in pixels of the one picture and of the other
    """

    parity: int
    motion: NDArray[np.float64]
    here: NDArray[np.float32]
    there: NDArray[np.float32]

    @property
    def inliers(self) -> int:
        return len(self.here)

    @property
    def angle(self) -> float:
        """Degrees of the turn, counter-clockwise on the screen, in (-180, 180]."""
        return -float(np.degrees(np.arctan2(self.motion[1, 0], self.motion[0, 0])))

    @property
    def scale(self) -> float:
        return float(np.hypot(self.motion[0, 0], self.motion[1, 0]))


def match(one: Described, other: Described, width: int, parity: int) -> Match | None:
    """The similarity transform from one picture to the other that most points agree on (RANSAC, Fischler & Bolles 1981), or None.

    Parameters
    ----------
    width : of the first picture, in pixels
    parity : how the two are said to differ
    """
    if min(len(one), len(other)) < INLIERS:
        return None
    like = changed(one.descriptors(), parity) @ other.descriptors().T
    mine = np.arange(len(one))
    theirs = like.argmax(axis=1)
    best = like[mine, theirs]
    mutual = like.argmax(axis=0)[theirs] == mine
    like[mine, theirs] = -1
    told = mutual & (1 - best < RATIO**2 * (1 - like.max(axis=1)))
    if told.sum() < INLIERS:
        return None
    points, there = one.points[told, :2], other.points[theirs[told], :2]
    here = points.copy()
    if parity & MIRRORED:
        here[:, 0] = width - 1 - here[:, 0]
    motion, inside = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=REACH, maxIters=500, confidence=0.99)
    if motion is None or inside.sum() < INLIERS:
        return None
    agreed = inside.ravel() > 0
    found = Match(parity, motion.astype(np.float64), points[agreed], there[agreed])
    return found if SHRINK < found.scale < 1 / SHRINK else None


def align(one: NDArray[np.uint8], other: NDArray[np.uint8], found: Match) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """Both pictures in one frame, that of the one which shows things larger: made small, two hands are alike.

    Returns
    -------
    (h, w) uint8, twice
        The first, mirrored and inverted as its match says, and the second.
    (h, w) bool
        Where both show something.
    """
    return framed(255 - one if found.parity & INVERTED else one, other, found)


def framed(one: NDArray[np.uint8], other: NDArray[np.uint8], found: Match) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """The same, whatever their values are."""
    if found.parity & MIRRORED:
        one = one[:, ::-1]
    if found.scale >= 1:
        moved, both = _carried(one, found.motion, other.shape)
        return moved, other, both
    moved, both = _carried(other, cv2.invertAffineTransform(found.motion), one.shape)
    return one, moved, both


def _carried(picture: NDArray[np.uint8], motion: MatLike, shape: tuple[int, ...]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A picture moved into a frame of that shape, and where it lies there."""
    size = (shape[1], shape[0])
    moved = cv2.warpAffine(np.ascontiguousarray(picture), motion, size, flags=cv2.INTER_LINEAR)
    there = cv2.warpAffine(np.full(picture.shape, 255, np.uint8), motion, size, flags=cv2.INTER_NEAREST)
    return moved.astype(np.uint8, copy=False), cv2.erode(there, np.ones((9, 9), np.uint8), borderValue=0) > 0


def agree(one: NDArray[np.uint8], other: NDArray[np.uint8], found: Match) -> tuple[float, float]:
    """How well the aligned detail agrees, and over how much of the smaller picture.

    Returns
    -------
    float
        The correlation that all places with detail but `AGAINST` of them exceed, each by its own neighbourhood. A label that was burned in
        counts for its own place only; a frame and a label that two strangers share are outvoted by what they frame.
    float
        Share of the smaller picture that both show.
    """
    here, there, both = align(one, other, found)
    shared = int(both.sum())
    if shared < LEAST:
        return 0.0, 0.0
    overlap = shared / min(other.size * max(1, found.scale**-2), one.size * max(1, found.scale**2))
    return correlated(here, there, both), overlap


def correlated(here: NDArray[np.uint8], there: NDArray[np.uint8], both: NDArray[np.bool_]) -> float:
    """What the correlation of all places with detail but `AGAINST` of them exceeds, in two aligned pictures."""
    local, weight = detail(here, there)
    order = np.argsort(local[both])
    summed = np.cumsum(weight[both][order])
    at = int(np.searchsorted(summed, AGAINST * summed[-1]))
    return float(local[both][order][at]) if summed[-1] > 0 else 0.0


def detail(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(h, w) the correlation of two aligned pictures in the neighbourhood of each place, and the detail there, up to `ENOUGH`."""
    a, b = even(here), even(there)
    strength = np.sqrt(_around(a * a) * _around(b * b))
    return _around(a * b) / np.maximum(strength, 1e-9), strength.clip(max=ENOUGH)


def _around(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each place's neighbourhood."""
    return cv2.GaussianBlur(values, (0, 0), NEAR).astype(np.float32, copy=False)


def copies(correlation: float, overlap: float, found: Match) -> bool:
    """Whether that much agreement makes two pictures copies of each other."""
    return overlap >= OVERLAP and correlation >= needed(found.inliers)


def needed(points: int) -> float:
    """The least correlation of copies of which so many points agree: the fewer they are, the more must pixels say."""
    return float(np.interp(points, [INLIERS, MANY], [SURE, CORRELATION]))


def even(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Detail alone: local mean taken out, local contrast made even where there is any."""
    grey = picture.astype(np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), DETAIL)
    even: NDArray[np.float32] = detail / np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), DETAIL) + FLAT**2)
    return even
