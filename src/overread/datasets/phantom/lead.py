"""What lies on the film beside the patient: lead letters that name the side, and the edge of the collimated field."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.datasets.phantom.render import Picture

GLYPH = 96
"""Height of a letter before it is scaled, px."""


@dataclass(frozen=True)
class Marker:
    """A lead letter on the film.

    Attributes
    ----------
    letter : L or R
    box : left, top, right, bottom, px; the right and bottom pixels are within
    angle : degrees it is turned, counter-clockwise
    mirrored : the film was turned over under it
    """

    letter: str
    box: tuple[int, int, int, int]
    angle: float
    mirrored: bool


def field(shape: tuple[int, int], draw: np.random.Generator) -> NDArray[np.bool_]:
    """(h, w) bool: what a turned rectangular collimator lets through."""
    height, width = shape
    half = 0.5 * np.array([width, height]) * draw.uniform(0.82, 0.97, 2)
    turn = np.radians(draw.normal(0, 9))
    x = np.arange(width)[None, :] + 0.5 - width / 2
    y = np.arange(height)[:, None] + 0.5 - height / 2
    inside: NDArray[np.bool_] = (np.abs(x * np.cos(turn) + y * np.sin(turn)) < half[0]) & (np.abs(y * np.cos(turn) - x * np.sin(turn)) < half[1])
    return inside


def shutter(shade: Picture, inside: NDArray[np.bool_], draw: np.random.Generator) -> Picture:
    """The film black outside the field, in some with the bright rim that was not exposed."""
    framed = np.where(inside, shade, np.float32(draw.uniform(0, 0.03)))
    if draw.random() < 0.5:
        thick = max(1, round(draw.uniform(0.004, 0.014) * max(shade.shape)))
        rim = cv2.dilate(inside.astype(np.uint8), np.ones((2 * thick + 1, 2 * thick + 1), np.uint8)).astype(bool) & ~inside
        framed[rim] = draw.uniform(0.7, 1.0)
    return framed


def mark(shade: Picture, letter: str, absorbed: Picture, inside: NDArray[np.bool_], draw: np.random.Generator) -> Marker:
    """Lay a letter on the film, where there is little in the beam; changes `shade`."""
    glyph, mirrored = _glyph(letter, draw), bool(draw.random() < 0.15)
    angle = draw.normal(0, 6) if draw.random() < 0.6 else draw.uniform(-180, 180)
    scale = max(7.0, draw.uniform(0.055, 0.09) * max(shade.shape)) / GLYPH
    stamp = _turned(glyph[:, ::-1] if mirrored else glyph, angle, scale)
    top, left = _free(stamp.shape, absorbed + 9 * ~inside, draw)
    part = shade[top : top + stamp.shape[0], left : left + stamp.shape[1]]
    stamp = stamp[: part.shape[0], : part.shape[1]]
    part += stamp * (draw.uniform(0.85, 1.1) - part)
    rows, columns = (np.flatnonzero((stamp > 0.5 * stamp.max()).any(axis)) for axis in (1, 0))
    box = left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]), top + int(rows[-1])
    return Marker(letter, box, round(float(angle), 1), mirrored)


def _glyph(letter: str, draw: np.random.Generator) -> Picture:
    """A letter, in some with the number of whoever took the film."""
    text = letter + (str(draw.integers(1, 99)) if draw.random() < 0.35 else "")
    canvas = np.zeros((GLYPH + 24, 90 * len(text) + 24), np.uint8)
    font = int(draw.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX]))
    cv2.putText(canvas, text, (12, GLYPH + 6), font, GLYPH / 24, 255, 13, cv2.LINE_AA)
    columns = np.flatnonzero(canvas.any(0))
    return np.asarray(canvas[:, max(0, columns[0] - 4) : columns[-1] + 5] / 255, np.float32)


def _turned(glyph: Picture, angle: float, scale: float) -> Picture:
    """A glyph turned and scaled, on a canvas that holds all of it."""
    height, width = glyph.shape
    small = cv2.GaussianBlur(glyph, (0, 0), 0.35 / scale)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    span = np.abs(turn[:, :2]) @ (width, height)
    turn[:, 2] += span / 2 - (width / 2, height / 2)
    return np.asarray(cv2.warpAffine(small, turn, (int(np.ceil(span[0])), int(np.ceil(span[1])))), np.float32)


def _free(stamp: tuple[int, ...], absorbed: Picture, draw: np.random.Generator) -> tuple[int, int]:
    """Top and left of the place, of some two dozen, where the least is in the beam."""
    tops = draw.integers(0, max(1, absorbed.shape[0] - stamp[0]), 24)
    lefts = draw.integers(0, max(1, absorbed.shape[1] - stamp[1]), 24)
    load = [float(absorbed[top : top + stamp[0], left : left + stamp[1]].mean()) for top, left in zip(tops, lefts, strict=True)]
    best = int(np.argmin(load))
    return int(tops[best]), int(lefts[best])
