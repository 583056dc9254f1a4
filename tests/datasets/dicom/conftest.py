"""DICOM files on disk, as a source of them."""

import numpy as np
import pytest


@pytest.fixture
def place(tmp_path, dicom):
    """Write DICOM files below x/: path to its elements; returns the source up to its options."""

    def write(files: dict[str, dict], frames: int = 0) -> str:
        for number, (name, told) in enumerate(files.items()):
            path = tmp_path / "x" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            values = np.random.default_rng([number, frames]).integers(0, 256, (frames, 8, 8) if frames else (8, 8)).astype(np.uint8)
            path.write_bytes(dicom(values, **told))
        return f"dicom:{tmp_path / 'x'}"

    return write
