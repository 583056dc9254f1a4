"""A picture of any shape becomes a square of one size: letterbox keeps all of it, crop its middle, squash its corners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.imaging.dicom.view import AS_FILED, View
from overread.recipe import Image


@dataclass(frozen=True)
class Fitting:
    """How a decoded picture is made square.

    Attributes
    ----------
    size : int
        Edge of the square in pixels.
    fit : letterbox, squash or crop
        `letterbox` keeps the aspect and pads with black, `crop` keeps it and cuts the longer side, `squash` gives it up.
    view : View
        How a DICOM file's stored values become the grey levels that are fitted.
    """

    size: int
    fit: Literal["letterbox", "squash", "crop"] = "letterbox"
    view: View = AS_FILED

    @classmethod
    def of(cls, image: Image, size: int) -> "Fitting":
        """What a recipe asks for, at the size its network sees."""
        return cls(size, image.fit, View(**image.dicom.model_dump()))

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Fitting":
        """The fitting that `dataclasses.asdict` took apart; one written before there were views has the default."""
        return cls(told["size"], told["fit"], View(**told.get("view", {})))

    @property
    def key(self) -> str:
        """Its name in the cache."""
        return "-".join(filter(None, (self.fit, str(self.size), self.view.key)))

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
        return in_colour(square) if square.ndim == 2 else square

    def back(self, heat: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.float32]:
        """Carry a map of the square back to the picture that the square was made of.

        Parameters
        ----------
        heat : (k, k) float
            Of the whole square, at any resolution: a cell is size / k pixels of it.
        shape : (h, w) of the picture

        Returns
        -------
        (h, w) float32, linear between the centres of the cells; NaN where `crop` cut the picture away
        """
        rows, columns = (self._between(length, shape, len(heat)) for length in shape)
        return (rows @ heat @ columns.T).astype(np.float32)

    def point(self, x: float, y: float, shape: tuple[int, int]) -> tuple[float, float]:
        """A place in the square, in its pixels (0.5 is the middle of the first), as a place in the picture; beyond its edge on padding."""
        (down, tall), (right, wide) = (self._along(length, shape) for length in shape)
        return (x - right) / wide, (y - down) / tall

    def within(self, shape: tuple[int, int]) -> tuple[slice, slice]:
        """The rows and columns of the square that show a picture of that shape (h, w); what lies outside them is padding."""
        sides = [(length, *self._along(length, shape)) for length in shape]
        down, right = (slice(max(0, round(begin)), min(self.size, round(begin + length * step))) for length, begin, step in sides)
        return down, right

    def _along(self, length: int, shape: tuple[int, int]) -> tuple[float, float]:
        """Where a side of the picture begins in the square, and how long a pixel of it is there."""
        if self.fit == "letterbox":
            fitted = max(1, round(length * self.size / max(shape)))
            return (self.size - fitted) // 2, fitted / length
        edge = min(shape) if self.fit == "crop" else length
        return -((length - edge) // 2) * self.size / edge, self.size / edge

    def _between(self, length: int, shape: tuple[int, int], cells: int) -> NDArray[np.float64]:
        """(length, cells) what each cell of the square gives to each pixel of a side; NaN outside the square."""
        begin, step = self._along(length, shape)
        at = begin + (np.arange(length) + 0.5) * step
        cell = (at * cells / self.size - 0.5).clip(0, cells - 1)
        parts: NDArray[np.float64] = (1 - np.abs(cell[:, None] - np.arange(cells))).clip(min=0)
        parts[(at < 0) | (at > self.size)] = np.nan
        return parts


def in_colour(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) of three equal channels."""
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)


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
