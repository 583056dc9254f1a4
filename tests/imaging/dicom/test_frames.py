import hashlib

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from overread.imaging.facts import facts
from overread.imaging.read import Unreadable, decode, fetch, read

STACK = np.random.default_rng(0).integers(0, 256, (3, 6, 8)).astype(np.uint8)


@pytest.fixture
def film(tmp_path, dicom):
    def write(values=STACK, **told):
        (tmp_path / "film.dcm").write_bytes(dicom(values, **told))
        return str(tmp_path / "film.dcm")

    return write


@pytest.mark.parametrize("syntax", [None, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_each_frame_is_a_picture_with_a_hash_of_its_own(film, syntax):
    file = film(**({"syntax": syntax} if syntax else {}))
    for number, frame in enumerate(STACK, 1):
        assert np.array_equal(read(f"{file}#frame={number}"), frame)
    assert len({hashlib.sha256(fetch(f"{file}#frame={number}")).digest() for number in (1, 2, 3)}) == 3
    assert fetch(f"{file}#frame=2") == fetch(f"{file}#frame=2")


@pytest.mark.parametrize("name", ["examples_ybr_color", "SC_rgb_rle_16bit_2frame", "rtdose", "rtdose_rle"])
def test_a_frame_is_what_pydicom_makes_of_it_in_every_transfer_syntax(name):
    file = str(get_testdata_file(f"{name}.dcm", download=False))
    for number in (1, 2):
        frame, picture = dcmread(file).pixel_array[number - 1], read(f"{file}#frame={number}")
        assert frame.shape == picture.shape
        assert np.corrcoef(frame.ravel(), picture.ravel())[0, 1] > 0.9999


def test_a_frame_has_the_window_spacing_and_rescale_of_its_own_functional_groups(film):
    def groups(center: int) -> Dataset:
        window, rescale, spacing, group = Dataset(), Dataset(), Dataset(), Dataset()
        window.WindowCenter, window.WindowWidth = center, 100
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, center, "US"
        spacing.PixelSpacing = [center / 1000, 1]
        group.FrameVOILUTSequence, group.PixelValueTransformationSequence, group.PixelMeasuresSequence = [window], [rescale], [spacing]
        return group

    shared = Dataset()
    file = film(
        np.repeat(np.arange(100, dtype=np.uint16).reshape(1, 10, 10), 2, axis=0),
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=[groups(100), groups(400)],
    )
    first, second = (read(f"{file}#frame={number}") for number in (1, 2))
    assert np.array_equal(first, second)
    assert first.min() > 120 and first.max() == 255
    data = fetch(f"{file}#frame=2")
    assert facts(data, decode(data))["dpi"] == 63.5


def test_a_frame_holds_nothing_that_says_who_it_is(film):
    data = fetch(f"{film(PatientName='Doe^Jane', PatientID='4711', Manufacturer='Acme')}#frame=1")
    assert b"Doe" not in data and b"4711" not in data
    assert facts(data, decode(data))["make"] == "Acme"


def test_several_frames_where_one_is_meant_are_a_reason_that_counts_them_and_says_how_to_choose(film):
    with pytest.raises(Unreadable, match=r"holds 3 frames.*frames=each.*#frame=1"):
        read(film())
    assert np.array_equal(read(film(STACK[:1])), STACK[0])
    assert np.array_equal(read(f"{film(STACK[:1])}#frame=1"), STACK[0])


@pytest.mark.parametrize(
    ("number", "told", "reason"),
    [
        (4, {}, "no frame 4: it holds 3"),
        (0, {}, "count from 1"),
        (3, {"NumberOfFrames": 4, "PixelData": STACK.tobytes()[:-20]}, "cut off in frame 3"),
        (1, {"PixelData": None}, "without pixels"),
    ],
)
def test_a_frame_that_is_not_there_is_a_reason(film, number, told, reason):
    with pytest.raises(Unreadable, match=reason):
        read(f"{film(**told)}#frame={number}")


def test_a_file_that_is_rewritten_is_read_again(film):
    import os

    file = film()
    first = read(f"{file}#frame=1")
    film(255 - STACK)
    os.utime(file, (1, 1))
    assert np.array_equal(read(f"{file}#frame=1"), 255 - first)


def test_only_dicom_files_have_frames(tmp_path, store, grey):
    with pytest.raises(Unreadable, match="only DICOM files have frames"):
        read(f"{store(grey, 'a.png')}#frame=1")
    assert np.array_equal(read(store(grey, "a#frame=x.png")), grey)
