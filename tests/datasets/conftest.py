"""Small pictures on disk, wherever a layout wants them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def place(tmp_path: Path) -> Callable[..., Path]:
    """Write one small picture under each of these paths; returns the folder they lie in."""

    def write(*names: str) -> Path:
        for number, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((8, 8), number, np.uint8)).save(path, format="PNG")
        return tmp_path

    return write
