"""Random changes to a training picture, a function of seed, epoch and row: the same however many threads prepare it."""

from dataclasses import dataclass
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.imaging.augment import Augmentation

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmenter:
    """Applies a preset: one affine warp, one table of grey values, perhaps one blank rectangle.

    Letterboxed pictures are padded with black, and so is what a warp uncovers.
    """

    preset: Augmentation
    seed: int

    def __call__(self, picture: Picture, epoch: int, row: str) -> Picture:
        """A changed copy.

        Parameters
        ----------
        picture : (size, size, 3) uint8
        epoch : int
        row : str
            The catalog's name of it.
        """
        if self.preset == Augmentation():
            return picture
        draw = np.random.default_rng((self.seed, epoch, crc32(row.encode())))
        return _erase(_expose(_move(picture, self.preset, draw), self.preset, draw), self.preset, draw)


def _move(picture: Picture, preset: Augmentation, draw: np.random.Generator) -> Picture:
    """Mirror, turn, scale and shift about the middle, in one warp."""
    size = picture.shape[0]
    mirror = np.diag([-1.0 if draw.random() < chance else 1.0 for chance in (preset.flip_horizontal, preset.flip_vertical)])
    angle = np.deg2rad(draw.uniform(-preset.rotate, preset.rotate))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * draw.uniform(*preset.zoom)
    linear = turn @ mirror
    middle = np.full(2, (size - 1) / 2)
    offset = middle - linear @ middle + draw.uniform(-preset.shift, preset.shift, 2) * size
    moved = cv2.warpAffine(picture, np.column_stack([linear, offset]), (size, size), flags=cv2.INTER_LINEAR)
    return moved.astype(np.uint8, copy=False)


def _expose(picture: Picture, preset: Augmentation, draw: np.random.Generator) -> Picture:
    """Gamma, then contrast about the middle grey, then brightness."""
    if not (preset.gamma or preset.contrast or preset.brightness):
        return picture
    grey = np.linspace(0, 1, 256) ** ((1 + preset.gamma) ** draw.uniform(-1, 1))
    grey = (grey - 0.5) * (1 + draw.uniform(-preset.contrast, preset.contrast)) + 0.5
    grey = grey * (1 + draw.uniform(-preset.brightness, preset.brightness))
    return cv2.LUT(picture, (grey.clip(0, 1) * 255).round().astype(np.uint8)).astype(np.uint8, copy=False)


def _erase(picture: Picture, preset: Augmentation, draw: np.random.Generator) -> Picture:
    """Blank one rectangle of 2-15 % of the area (Zhong et al. 2020)."""
    if draw.random() >= preset.erase:
        return picture
    size = picture.shape[0]
    area, ratio = draw.uniform(0.02, 0.15), np.exp(draw.uniform(-np.log(2), np.log(2)))
    tall, wide = round(size * np.sqrt(area * ratio)), round(size * np.sqrt(area / ratio))
    top, left = draw.integers(0, size - tall + 1), draw.integers(0, size - wide + 1)
    erased = picture.copy()
    erased[top : top + tall, left : left + wide] = 0
    return erased
