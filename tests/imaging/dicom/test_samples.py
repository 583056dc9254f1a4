import io
import os
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels import apply_modality_lut, apply_voi_lut, pixel_array

from overread.imaging.dicom.view import View
from overread.imaging.read import Unreadable, read
from overread.imaging.window import edges, shade

pytestmark = [pytest.mark.data, pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")]

ROOT = Path(os.environ.get("OVERREAD_DATA", ".")) / "dicom_samples"

FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.dcm"))

OTHERS = ("MR_truncated", "OBXXXX1A_rle", "US1_J2KR", "gdcm-US-ALOKA-16", "JPGExtended")

GREY = [name for name in FILES if Path(name).stem not in OTHERS]
"""Not in colour, not truncated, and not JPEG of 12 bits, which pydicom does not decode by itself."""


def test_of_all_samples_only_the_truncated_one_is_refused():
    assert len(FILES) == 25
    refused = {}
    for name in FILES:
        try:
            picture = read(str(ROOT / name))
            assert picture.dtype == np.uint8 and np.ptp(picture) > 200
        except Unreadable as fault:
            refused[name] = str(fault)
    assert list(refused) == ["other/MR_truncated.dcm"]
    assert "pixels are cut off" in refused["other/MR_truncated.dcm"]


@pytest.mark.parametrize("name", GREY)
@pytest.mark.filterwarnings("ignore")
def test_before_inversion_pixels_agree_with_pydicoms_own_functions_to_one_grey_level(name):
    file = dcmread(ROOT / name)
    values = apply_modality_lut(pixel_array(file), file)
    ends = np.array([-(2 ** (file.BitsStored - 1)), 2 ** (file.BitsStored - 1) - 1] if file.PixelRepresentation else [0, 2**file.BitsStored - 1])
    low, high = apply_modality_lut(ends, file)
    if "WindowCenter" in file:
        expected = 255 * (apply_voi_lut(values.astype(float), file) - low) / (high - low)
    elif file.BitsStored == 8:
        expected = values
    else:
        expected = shade(values, *edges(values))
    assert np.abs(read(str(ROOT / name), View(invert=False)).astype(float) - expected).max() <= 1


@pytest.mark.parametrize("name", ["RG1_J2KI", "RG3_J2KI", "RG3_J2KR"])
def test_the_films_that_are_stored_inverted_are_inverted_once_and_bone_is_bright(name):
    file = str(ROOT / "radiographs" / f"{name}.dcm")
    picture = read(file)
    assert np.array_equal(picture, 255 - read(file, View(invert=False)))
    if name.startswith("RG3"):
        shaft, air = picture[100:800, 815:890].astype(int), picture[100:800, 490:570].astype(int)
        assert shaft.mean() > air.mean() + 60
    else:
        spine, lung = picture[500:900, 850:950].astype(int), picture[500:900, 350:600].astype(int)
        assert spine.mean() > lung.mean() + 30


def test_a_padded_ct_has_its_padding_black():
    data = (ROOT / "other" / "693_UNCI.dcm").read_bytes()
    file = dcmread(io.BytesIO(data))
    outside = pixel_array(file) == file.PixelPaddingValue
    assert outside.any()
    assert not read(str(ROOT / "other" / "693_UNCI.dcm"))[outside].any()
