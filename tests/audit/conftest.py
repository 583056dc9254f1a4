"""What a check is given, made of a few pictures whose faults are planted; near-copies are told, not sought."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.audit.base import Context
from overread.catalog import Catalog, Target
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan
from overread.partition import prepare

Make = Callable[..., Context]

LINK = {"mirrored": False, "inverted": False, "angle": 0.0, "scale": 1.0, "inliers": 60, "correlation": 0.95, "overlap": 1.0}
"""A near-copy's evidence where a test does not say otherwise."""


@pytest.fixture
def context(tmp_path: Path) -> Make:
    """Make a `Context` of pictures and their labels."""

    def make(
        pictures: Sequence[np.ndarray | bytes],
        label: Sequence[str | None],
        links: Sequence[Mapping[str, Any]] = (),
        rejected: Sequence[Mapping[str, str]] = (),
        size: int = 64,
        **columns: Sequence[Any],
    ) -> Context:
        """Pictures are written as PNG (bytes as they are), scanned, and joined over keys, pixels and links.

        Rows are named "0", "1", ...; `columns` are the catalog's (`split` is the audited one). Links and rejected files are mappings.
        """
        folder = tmp_path / "films"
        folder.mkdir()
        for i, picture in enumerate(pictures):
            (folder / f"{i}.png").write_bytes(picture if isinstance(picture, bytes) else encoded(picture))
        rows = [str(i) for i in range(len(pictures))]
        files = [str(folder / f"{row}.png") for row in rows]
        frame = pd.DataFrame({"row": rows, "image": files, "file": files, "label": label, "source": "made", **columns})
        classes = tuple(sorted({name for name in label if name is not None}, key=lambda name: (name != "well", name)))
        target = Target("binary", classes, classes[1]) if len(classes) == 2 else Target("multiclass", classes)
        fitting, cache = Fitting(size), Cache()
        found, _ = scan(Catalog(frame, {"label": target}, [], "made"), fitting, cache, 1)
        near = pd.DataFrame([{**LINK, **link} for link in links], columns=["row", "other", *LINK])
        prepared = prepare(found, zip(near["row"], near["other"], strict=True), side=found.frame["split"]).catalog
        audited = prepared.replace(prepared.frame.assign(split=prepared.frame["published"]))
        lost = pd.DataFrame(list(rejected), columns=["row", "image", "reason", "label"])
        return Context(audited, near, lost, Pictures(audited.frame, fitting, cache), tmp_path / "audit", draws=200)

    return make


@pytest.fixture
def film() -> Callable[..., np.ndarray]:
    """A made-up film by its number: smooth blobs with a bright middle, unlike any other's."""
    return blobs


def blobs(number: int, size: int = 64) -> np.ndarray:
    """(size, size) uint8 of smooth noise, brighter towards the middle."""
    noise = cv2.GaussianBlur(np.random.default_rng(number).normal(0, 1, (size, size)), (0, 0), size / 16)
    across = np.linspace(-1, 1, size)
    middle = np.exp(-2 * (across[:, None] ** 2 + across**2))
    film: np.ndarray = (110 * middle + 40 * noise / noise.std() + 50).clip(0, 255).astype(np.uint8)
    return film


def encoded(picture: np.ndarray, **how: Any) -> bytes:
    """A picture as PNG bytes; `how` is Pillow's, e.g. another compress_level for other bytes of the same pixels."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG", **how)
    return content.getvalue()


@pytest.fixture
def png() -> Callable[..., bytes]:
    """Encode a picture; see `encoded`."""
    return encoded
