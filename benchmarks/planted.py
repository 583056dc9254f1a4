"""What may have been done to a copy: fourteen changes that must not hide it, three harder ones, and three of the fourteen in a chain.

Each takes a picture, (h, w) or (h, w, 3) uint8, and a generator that draws how strong it is.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Draw = np.random.Generator
Change = Callable[[Picture, Draw], Picture]

LABELS = ("L", "R", "R09", "L82", "RA92", "PA", "12.03.2019", "ID 4711")


def turn_black(picture: Picture, draw: Draw) -> Picture:
    """Turned by any angle in its own frame, which cuts corners off and leaves black ones."""
    return _turned(picture, _angle(draw), _size(picture), cv2.BORDER_CONSTANT)


def turn_expanded(picture: Picture, draw: Draw) -> Picture:
    """Turned by any angle in a frame that grows to hold all of it."""
    angle = _angle(draw)
    width, height = _size(picture)
    across, down = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    return _turned(picture, angle, (int(width * across + height * down), int(width * down + height * across)), cv2.BORDER_CONSTANT)


def turn_replicated(picture: Picture, draw: Draw) -> Picture:
    """Turned by any angle in its own frame, the corners filled by the pixels at its edge."""
    return _turned(picture, _angle(draw), _size(picture), cv2.BORDER_REPLICATE)


def mirror(picture: Picture, draw: Draw) -> Picture:
    """Left for right, or in three of ten cases top for bottom."""
    return picture[:, ::-1].copy() if draw.random() < 0.7 else picture[::-1].copy()


def rescale(picture: Picture, draw: Draw) -> Picture:
    """Shrunk to 40 to 80 %, or grown to 120 to 200 %, of its side."""
    scale = draw.choice([draw.uniform(0.4, 0.8), draw.uniform(1.2, 2)])
    size = tuple(max(8, round(length * scale)) for length in _size(picture))
    return _bytes(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))


def recompress(picture: Picture, draw: Draw) -> Picture:
    """Saved as a JPEG of quality 25 to 70."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(draw.integers(25, 70))])
    return _bytes(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


def brighten(picture: Picture, draw: Draw) -> Picture:
    """20 to 60 grey levels brighter or darker, clipped."""
    return _bytes(picture + draw.choice([-1, 1]) * draw.uniform(20, 60))


def contrast(picture: Picture, draw: Draw) -> Picture:
    """Contrast about its mean times 0.5 to 0.8, or 1.25 to 1.8, clipped."""
    middle = picture.mean()
    return _bytes(middle + (picture - middle) * draw.choice([draw.uniform(0.5, 0.8), draw.uniform(1.25, 1.8)]))


def gamma(picture: Picture, draw: Draw) -> Picture:
    """To the power of 0.5 to 0.8, or 1.3 to 2.2."""
    return _bytes(255 * (picture / 255.0) ** draw.choice([draw.uniform(0.5, 0.8), draw.uniform(1.3, 2.2)]))


def invert(picture: Picture, draw: Draw) -> Picture:
    """Dark for bright."""
    return _bytes(255 - picture)


def border(picture: Picture, draw: Draw) -> Picture:
    """Framed on four sides by up to a fifth of its own, or padded toward a square (two of five), in black, white or grey."""
    width, height = _size(picture)
    sides = (draw.uniform(0, 0.2, 4) * np.array([height, height, width, width])).astype(int)
    if draw.random() < 0.4:
        sides = np.array([height // 5, height // 5, 0, 0]) if width > height else np.array([0, 0, width // 4, width // 4])
    return _bytes(cv2.copyMakeBorder(picture, *map(int, sides + 3), cv2.BORDER_CONSTANT, value=(int(draw.choice([0, 0, 255, 128])),) * 3))


def crop(picture: Picture, draw: Draw) -> Picture:
    """Any window of 80 to 95 % of both sides."""
    share = draw.uniform(0.8, 0.95)
    wide, tall = (round(length * share) for length in _size(picture))
    top, left = (int(draw.integers(0, length - kept + 1)) for length, kept in zip(picture.shape[:2], (tall, wide), strict=True))
    return picture[top : top + tall, left : left + wide].copy()


def colour(picture: Picture, draw: Draw) -> Picture:
    """From colour to grey, or from grey to a tint."""
    return _bytes(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) if picture.ndim == 3 else _bytes(picture[..., None] * draw.uniform(0.75, 1, 3))


def label(picture: Picture, draw: Draw) -> Picture:
    """A side marker, date or number burned in near the top or the bottom, or (three of ten) such a place painted over."""
    width, height = _size(picture)
    size = max(10, int(min(width, height) * draw.uniform(0.07, 0.14)))
    word = str(draw.choice(LABELS))
    left, top = int(draw.uniform(0.02, 0.75) * width), int(draw.choice([0.03, 0.83]) * height)
    film = Image.fromarray(picture)
    if draw.random() < 0.7:
        ImageDraw.Draw(film).text((left, top), word, fill=_ink(picture, 255), font=ImageFont.load_default(size))
    else:
        ground = picture[min(height - 1, top), min(width - 1, left)]
        ImageDraw.Draw(film).rectangle((left, top, left + int(2.2 * size), top + int(1.2 * size)), fill=_ink(picture, ground))
    return np.asarray(film).copy()


def turn_cropped(picture: Picture, draw: Draw) -> Picture:
    """Turned by any angle, then cut to the largest upright rectangle without empty corners, which may be a third of its area."""
    angle = _angle(draw)
    wide, tall = _inscribed(*_size(picture), np.radians(angle))
    return _turned(picture, angle, (max(8, int(wide)), max(8, int(tall))), cv2.BORDER_REPLICATE)


def crop_centred(picture: Picture, draw: Draw) -> Picture:
    """The middle 80 % of both sides."""
    height, width = picture.shape[:2]
    return picture[height // 10 : height - height // 10, width // 10 : width - width // 10].copy()


def label_removed(picture: Picture, draw: Draw) -> Picture:
    """A box of up to 40 % by 20 % of the shorter side painted over, in black, white or the grey beside it, anywhere along the top or the bottom."""
    width, height = _size(picture)
    short = min(width, height)
    wide, tall = int(short * draw.uniform(0.15, 0.4)), int(short * draw.uniform(0.08, 0.2))
    left = int(draw.uniform(0, width - wide))
    top = int(draw.choice([0.02 * height, 0.98 * height - tall]))
    made = picture.copy()
    made[top : top + tall, left : left + wide] = (0, 255, picture[top, left])[int(draw.integers(3))]
    return made


ASKED: dict[str, Change] = {
    change.__name__: change
    for change in (
        turn_black,
        turn_expanded,
        turn_replicated,
        mirror,
        rescale,
        recompress,
        brighten,
        contrast,
        gamma,
        invert,
        border,
        crop,
        colour,
        label,
    )
}
"""The fourteen."""

HARDER: dict[str, Change] = {change.__name__: change for change in (turn_cropped, crop_centred, label_removed)}
"""The ends of three of the fourteen."""


def chain(picture: Picture, draw: Draw, links: int = 3) -> tuple[Picture, str]:
    """Different ones of the fourteen, one after the other, and their names."""
    names = [str(name) for name in draw.choice(list(ASKED), links, replace=False)]
    for name in names:
        picture = ASKED[name](picture, draw)
    return picture, " + ".join(names)


def _angle(draw: Draw) -> float:
    return float(draw.uniform(3, 357))


def _size(picture: Picture) -> tuple[int, int]:
    """Width and height, as OpenCV asks for them."""
    return picture.shape[1], picture.shape[0]


def _turned(picture: Picture, angle: float, size: tuple[int, int], edge: int) -> Picture:
    """Turned about its middle, which comes to the middle of a frame of that size."""
    width, height = _size(picture)
    motion = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, 1)
    motion[:, 2] += np.array([size[0] - width, size[1] - height]) / 2
    return _bytes(cv2.warpAffine(picture, motion, size, flags=cv2.INTER_LINEAR, borderMode=edge))


def _inscribed(width: int, height: int, angle: float) -> tuple[float, float]:
    """Width and height of the largest upright rectangle in one that is turned by that angle."""
    long, short = max(width, height), min(width, height)
    sine, cosine = abs(np.sin(angle)), abs(np.cos(angle))
    if short <= 2 * sine * cosine * long or abs(sine - cosine) < 1e-9:  # two of its corners lie on the long sides
        half = short / 2
        return (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    across = cosine**2 - sine**2
    return (width * cosine - height * sine) / across, (height * cosine - width * sine) / across


def _ink(picture: Picture, level: int | NDArray[np.uint8]) -> int | tuple[int, ...]:
    """A grey level, or a pixel, as Pillow wants it."""
    if picture.ndim == 2:
        return int(level)
    return tuple(int(value) for value in np.broadcast_to(level, 3))


def _bytes(values: NDArray[Any]) -> Picture:
    """As it would be stored: clipped to 0..255."""
    stored: Picture = np.clip(values, 0, 255).astype(np.uint8)
    return stored
