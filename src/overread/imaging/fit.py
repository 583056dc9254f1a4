"""A picture of any shape becomes a square of one size: letterbox keeps all of it, crop its middle, squash its corners."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Fitting:
    """How a decoded picture is made square.

    Attributes
    ----------
    size : int
        Edge of the square in pixels.
    fit : letterbox, squash or crop
        `letterbox` keeps the aspect and pads with black, `crop` keeps it and cuts the longer side, `squash` gives it up.
    """

    size: int
    fit: Literal["letterbox", "squash", "crop"] = "letterbox"

    @property
    def key(self) -> str:
        """Its name in the cache."""
        return f"{self.fit}-{self.size}"

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Fit one picture.

        Parameters
        ----------
        image : (h, w) or (h, w, 3) uint8

        Returns
        -------
        (size, size, 3) uint8; a grey picture has three equal channels
        """
        height, width = image.shape[:2]
        if self.fit == "letterbox":
            edge = max(height, width)
            square = _padded(_resize(image, max(1, round(height * self.size / edge)), max(1, round(width * self.size / edge))), self.size)
        elif self.fit == "crop":
            square = _resize(_middle(image, min(height, width)), self.size, self.size)
        else:
            square = _resize(image, self.size, self.size)
        return np.repeat(square[..., None], 3, axis=2) if square.ndim == 2 else square


def _resize(image: NDArray[np.uint8], tall: int, wide: int) -> NDArray[np.uint8]:
    """Sides that shrink are averaged over area, sides that grow are interpolated bicubically."""
    height, width = image.shape[:2]
    if tall < height or wide < width:
        image = cv2.resize(image, (min(wide, width), min(tall, height)), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    if tall > height or wide > width:
        image = cv2.resize(image, (wide, tall), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    return image


def _padded(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The picture in the middle of a black square."""
    height, width = image.shape[:2]
    square = np.zeros((size, size, *image.shape[2:]), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = image
    return square


def _middle(image: NDArray[np.uint8], edge: int) -> NDArray[np.uint8]:
    """The square of that edge in the picture's middle."""
    top, left = (image.shape[0] - edge) // 2, (image.shape[1] - edge) // 2
    return image[top : top + edge, left : left + edge]
