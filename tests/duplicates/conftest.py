"""Made-up anatomy: pictures with structure at every scale, each unlike any other, and what can be done to a copy."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from overread.catalog import Catalog
from overread.datasets.base import read
from overread.experiment.rows.gather import scan_all
from overread.imaging.fit import Fitting
from overread.recipe import Runtime

Picture = NDArray[np.uint8]


def texture(seed: int, shape: tuple[int, int] = (200, 160)) -> Picture:
    """(h, w) uint8: a bright blob with structure of every size, on a dark ground."""
    draw = np.random.default_rng(seed)
    height, width = shape
    picture = np.zeros(shape, np.float32)
    for cell in (4, 8, 16, 32, 64):
        noise = draw.normal(size=(height // cell + 2, width // cell + 2)).astype(np.float32)
        picture += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * cell**0.5
    down, across = np.mgrid[:height, :width]
    body = np.hypot((down - height / 2) / height, (across - width / 2) / width) < 0.48
    picture = 110 + 25 * (picture - picture.mean()) / picture.std()
    return np.where(body, picture, 12).clip(0, 255).astype(np.uint8)


def turned(picture: Picture, angle: float, border: int = cv2.BORDER_CONSTANT) -> Picture:
    """The picture turned about its middle, in the same frame."""
    height, width = picture.shape[:2]
    motion = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, 1)
    return cv2.warpAffine(picture, motion, (width, height), borderMode=border).astype(np.uint8)


def jpeg(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED).astype(np.uint8)


def labelled(picture: Picture) -> Picture:
    copy = picture.copy()
    cv2.putText(copy, "R 09", (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 255, 2)
    return copy


def screen(picture: Picture) -> Picture:
    """What a machine shows of a picture: its frame, scale, menu and settings, the same around every one."""
    shown = np.zeros((360, 480), np.uint8)
    shown[90:290, 150:310] = picture

    def write(words: str, left: int, down: int) -> None:
        cv2.putText(shown, words, (left, down), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 230, 1, cv2.LINE_AA)

    write("CITY HOSPITAL  Abdomen C5-1   MI 1.2", 8, 18)
    cv2.rectangle(shown, (440, 40), (452, 300), 230, 1)
    for down in range(40, 320, 20):
        cv2.line(shown, (420, down), (430, down), 230, 1)
    for i, words in enumerate(("FR 32Hz", "RS", "2D 63%", "C 55", "P Low", "HGen", "Gn 40", "Z 1.2")):
        write(words, 6, 50 + 22 * i)
    for i, words in enumerate(("Freeze", "Depth", "Gain", "Focus", "Print", "Store")):
        cv2.rectangle(shown, (6 + 78 * i, 320), (78 + 78 * i, 350), 120, 1)
        write(words, 14 + 78 * i, 340)
    for i in range(12):
        write(f"item {7 * i}", 330, 60 + 20 * i)
    return shown


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "turned, black corners": lambda p: turned(p, 33),
    "turned, frame grown": lambda p: turned(cv2.copyMakeBorder(p, 50, 50, 50, 50, cv2.BORDER_CONSTANT).astype(np.uint8), 117),
    "turned, corners replicated": lambda p: turned(p, -71, cv2.BORDER_REPLICATE),
    "mirrored": lambda p: p[:, ::-1].copy(),
    "rescaled": lambda p: cv2.resize(p, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA).astype(np.uint8),
    "recompressed": lambda p: jpeg(p, 30),
    "brightened": lambda p: (p.astype(int) + 45).clip(0, 255).astype(np.uint8),
    "less contrast": lambda p: (110 + 0.55 * (p.astype(float) - 110)).astype(np.uint8),
    "gamma": lambda p: (255 * (p / 255.0) ** 1.8).astype(np.uint8),
    "inverted": lambda p: 255 - p,
    "framed": lambda p: cv2.copyMakeBorder(p, 20, 20, 40, 10, cv2.BORDER_CONSTANT, value=255).astype(np.uint8),
    "cropped": lambda p: p[20:-20, 16:-16].copy(),
    "in colour": lambda p: (p[..., None] * np.array([1.0, 0.85, 0.8])).astype(np.uint8),
    "labelled": labelled,
}
"""The fourteen changes that a copy must survive, one of each kind."""


@pytest.fixture
def anatomy() -> Callable[..., Picture]:
    """Make a picture; see `texture`."""
    return texture


@pytest.fixture
def on_screen() -> Callable[[Picture], Picture]:
    """Put a picture of 200 x 160 on a machine's screen; see `screen`."""
    return screen


@pytest.fixture(params=sorted(CHANGES))
def change(request: pytest.FixtureRequest) -> Callable[[Picture], Picture]:
    """Each of the fourteen changes in turn."""
    return CHANGES[request.param]


@pytest.fixture
def scanned(tmp_path: Path) -> Callable[[Sequence[Picture]], Catalog]:
    """Make a catalog of pictures, written as files of a table in their order."""

    def scan(pictures: Sequence[Picture]) -> Catalog:
        for i, picture in enumerate(pictures):
            Image.fromarray(picture).save(tmp_path / f"{i}.png")
        labels = ["ill" if i % 2 else "healthy" for i in range(len(pictures))]
        table = pd.DataFrame({"image": [f"{i}.png" for i in range(len(pictures))], "label": labels})
        table.to_csv(tmp_path / "t.csv", index=False)
        return scan_all(read([f"table:{tmp_path / 't.csv'}?positive=ill"]), Fitting(224), Runtime(threads=1))[0]

    return scan
