"""A film that was squeezed into a square and then turned is no turned copy of itself: where a set mixes squares and other shapes, each picture
of another shape is looked at once more as a square.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.duplicates.describe import grey
from overread.imaging.pictures import Pictures

SQUARE = 1.05
"""Longer side over shorter up to which a picture is square: so little is passed over where pixels are compared."""


@dataclass(frozen=True)
class Views:
    """What is looked at: every picture as it is, and after the last of them those that are no squares, made square.

    Attributes
    ----------
    pictures : Pictures
    shapes : (n, 2) int64, height and width of every picture's file
    square : (n,) bool, whether a picture is square by itself
    of : (v,) int64, the picture that a view shows
    """

    pictures: Pictures
    shapes: NDArray[np.int64]
    square: NDArray[np.bool_]
    of: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.of)

    def squeezed(self, view: int) -> bool:
        """Whether it shows a picture made square."""
        return view >= len(self.square)

    def look(self, view: int) -> NDArray[np.uint8]:
        """(h, w) uint8: the view in grey."""
        picture = grey(self.pictures, self.shapes, int(self.of[view]))
        return squeezed(picture) if self.squeezed(view) else picture


def views(pictures: Pictures, shapes: NDArray[np.int64]) -> Views:
    """The views of a set; one a picture where all are squares, and where none is.

    Parameters
    ----------
    shapes : (n, 2) height and width of every picture's file
    """
    square: NDArray[np.bool_] = shapes.max(axis=1) <= SQUARE * shapes.min(axis=1)
    others = np.flatnonzero(~square) if square.any() else np.empty(0, np.int64)
    return Views(pictures, shapes, square, np.concatenate([np.arange(len(shapes)), others]))


def squeezed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(e, e) uint8: a (h, w) picture made square, its area kept."""
    edge = round(picture.size**0.5)
    return cv2.resize(picture, (edge, edge), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
