"""A DICOM file's picture in one call, and look-up tables to put into one."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset

from overread.imaging.dicom import decode
from overread.imaging.dicom.view import AS_FILED, View


@pytest.fixture
def shown(dicom: Callable[..., bytes]) -> Callable[..., np.ndarray]:
    """The picture of stored values with these elements, in this view."""

    def show(values: np.ndarray, view: View = AS_FILED, **told: Any) -> np.ndarray:
        return decode(dicom(values, **told), view)

    return show


@pytest.fixture
def ramp() -> np.ndarray:
    """(48, 64) uint16 from 0 to 4095, every row of it rising."""
    return np.linspace(0, 4095, 48 * 64).astype(np.uint16).reshape(48, 64)


@pytest.fixture
def lut() -> Callable[..., list[Dataset]]:
    """A sequence of one look-up table."""

    def make(entries: Iterable[int], bits: int, first: int = 0, promised: int | None = None) -> list[Dataset]:
        item, entries = Dataset(), [int(entry) for entry in entries]
        item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries) if promised is None else promised, first, bits])
        item.add_new("LUTData", "US", entries)
        return [item]

    return make
