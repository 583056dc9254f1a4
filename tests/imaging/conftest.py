"""One small picture with every corner different, and a way to store it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from overread.catalog import Catalog


@pytest.fixture
def grey() -> np.ndarray:
    """(48, 64) uint8: a ramp with a bright block in one corner."""
    picture = np.tile(np.linspace(0, 200, 64), (48, 1)).astype(np.uint8)
    picture[4:12, 6:20] = 255
    return picture


@pytest.fixture
def colour(grey: np.ndarray) -> np.ndarray:
    """(48, 64, 3) uint8, its three channels different."""
    return np.stack([grey, grey[::-1], grey[:, ::-1]], axis=2)


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., str]:
    """Write an array (or a PIL image) under a name; returns the path as text."""

    def write(picture: Any, name: str, **options: Any) -> str:
        path = tmp_path / name
        (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(path, **options)
        return str(path)

    return write


@pytest.fixture
def listed() -> Callable[..., Catalog]:
    """A catalog without targets over these files."""

    def make(files: list[str]) -> Catalog:
        import pandas as pd

        rows = [str(i) for i in range(len(files))]
        return Catalog(pd.DataFrame({"row": rows, "image": [Path(file).name for file in files], "file": files}), {}, source="here")

    return make
