"""A picture as the places it can be recognised by: SIFT points on an equalised grey copy."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.catalog import FACT
from overread.imaging.pictures import Pictures
from overread.imaging.scan import one_thread_each
from overread.progress import track

Look = Callable[[int], NDArray[np.uint8]]
"""Gives the (h, w) picture, or view, at a position."""

POINTS = 250
"""Most points of a picture."""

STEPS = 255.0
"""A descriptor's numbers, none above one, are kept as bytes: a hundred thousand pictures fit in memory."""


@dataclass(frozen=True)
class Described:
    """What is kept of a picture.

    Attributes
    ----------
    points : (k, 4) float32
        x, y, size in pixels of the fitted picture, and orientation in degrees; the largest first: they outlive rescaling and noise.
    codes : (k, 128) uint8
        Root-SIFT descriptors (Arandjelovic & Zisserman 2012) times `STEPS`.
    """

    points: NDArray[np.float32]
    codes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.points)

    def descriptors(self, most: int | None = None) -> NDArray[np.float32]:
        """(k, 128) float32, of length 1."""
        found = self.codes[:most].astype(np.float32)
        unit: NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return unit


def grey(pictures: Pictures, shapes: NDArray[np.int64], index: int) -> NDArray[np.uint8]:
    """(h, w) uint8: one fitted picture in grey, without the padding of its square."""
    height, width = map(int, shapes[index])
    return np.ascontiguousarray(cv2.cvtColor(pictures[index], cv2.COLOR_RGB2GRAY)[pictures.fitting.within((height, width))])


def shapes(frame: pd.DataFrame) -> NDArray[np.int64]:
    """(n, 2) height and width of a scanned frame's pictures."""
    return frame[[f"{FACT}height", f"{FACT}width"]].to_numpy(dtype=np.int64)


def fitted(shapes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """(n, 2) height and width of pictures once their longer side is `size`."""
    longer = shapes.max(axis=1, keepdims=True)
    fit: NDArray[np.int64] = np.maximum(1, np.round(shapes * size / longer)).astype(np.int64)
    return fit


def describe(picture: NDArray[np.uint8]) -> Described:
    """The points of a (h, w) uint8 picture.

    Contrast is equalised in tiles first (CLAHE), so that brightness, contrast and gamma move no point.
    """
    equal = cv2.createCLAHE(3.0, (8, 8)).apply(picture)
    found, raw = cv2.SIFT.create(nfeatures=POINTS, contrastThreshold=0.02, edgeThreshold=15).detectAndCompute(equal, None)
    if raw is None or not len(found):
        return Described(np.empty((0, 4), np.float32), np.empty((0, 128), np.uint8))
    points = np.array([(*point.pt, point.size, point.angle) for point in found], np.float32)
    order = np.lexsort((points[:, 0], points[:, 1], -points[:, 2]))[:POINTS]
    root = np.sqrt(raw[order] / np.maximum(raw[order].sum(axis=1, keepdims=True), 1e-9))
    return Described(points[order], (root * STEPS).round().clip(0, 255).astype(np.uint8))


def describe_all(look: Look, views: int, threads: int) -> list[Described]:
    """The points of so many views, in order.

    Raises
    ------
    UserError
        A file has gone or changed since the scan.
    """
    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        return list(track(pool.map(lambda view: describe(look(view)), range(views)), "looking for near-copies", views))
