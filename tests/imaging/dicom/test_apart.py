import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from overread.imaging.dicom import apart, decode, single
from overread.imaging.dicom.contents import dataset, is_dicom
from overread.imaging.dicom.silence import silence
from overread.imaging.facts import facts
from overread.imaging.read import Unreadable, read
from overread.imaging.read import decode as decode_any

SHIPPED = (
    *("MR_small_jpeg_ls_lossless", "SC_rgb_jpeg_gdcm", "JPGExtended", "MR_small_jp2klossless", "SC_rgb_jpeg_dcmtk", "MR_small_RLE"),
    *("MR_small", "MR_small_bigendian", "image_dfl", "examples_palette", "SC_rgb_rle_2frame", "reportsi", "MR_small_implicit"),
)


def shipped(name: str) -> str:
    """A file that comes with pydicom."""
    return str(get_testdata_file(f"{name}.dcm", download=False))


def damaged(data: bytes, draw: np.random.Generator) -> bytes:
    """The bytes with some of those that say how pixels lie, or of the pixels, changed, and perhaps cut."""
    bytes_ = np.frombuffer(data, np.uint8).copy()
    start = max(data.rfind(b"\xe0\x7f\x10\x00"), 132) if draw.random() < 0.5 else 132
    bytes_[draw.integers(start, min(len(bytes_), start + 1500), 3)] = draw.integers(0, 256, 3)
    return bytes_[: int(len(bytes_) * draw.choice([0.6, 1, 1, 1]))].tobytes()


@pytest.mark.parametrize("name", SHIPPED)
def test_damaged_bytes_give_a_picture_or_a_reason_never_another_error_or_a_warning(name):
    warnings.filterwarnings("error", module="pydicom")
    whole = Path(shipped(name)).read_bytes()
    for seed in range(40):
        data = damaged(whole, np.random.default_rng(seed))
        try:
            picture = decode_any(data)
            assert picture.dtype == np.uint8
            assert facts(data, picture)["bytes"] == len(data)
        except Unreadable as fault:
            assert 0 < len(str(fault)) < 150
        try:
            assert not is_dicom(data) or is_dicom(single(dataset(data), 2))
        except Unreadable as fault:
            assert 0 < len(str(fault)) < 150


def test_a_frame_that_ends_gdcm_ends_another_process_and_the_next_is_decoded():
    whole = Path(shipped("MR_small_jpeg_ls_lossless")).read_bytes()
    picture = decode(whole)
    [process] = apart._idle
    start = whole.index(b"\xff\xf7")
    broken = whole[: start + 5] + b"\xff\xff\xff\xff" + whole[start + 9 :]
    with pytest.raises(Unreadable, match="damaged or cut off"):
        decode(broken)
    assert process.poll() is not None
    assert np.array_equal(decode(whole), picture)


def test_a_frame_that_would_never_be_decoded_is_given_up(monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE", 0.0)
    apart._idle.clear()  # so that one must be started, which takes longer than no time
    with pytest.raises(Unreadable, match="damaged or cut off"):
        read(shipped("MR_small_jpeg_ls_lossless"))


def test_a_worker_that_was_ended_from_outside_costs_no_picture():
    picture = read(shipped("MR_small_jpeg_ls_lossless"))
    apart._idle[-1].kill()
    apart._idle[-1].wait()
    assert np.array_equal(read(shipped("MR_small_jpeg_ls_lossless")), picture)


def test_many_threads_decode_at_once_and_none_gets_the_picture_of_another():
    names = ["MR_small_jpeg_ls_lossless", "SC_rgb_jpeg_gdcm", "JPEGLSNearLossless_16"]
    alone = [read(shipped(name)) for name in names]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda i: read(shipped(names[i % 3])), range(30)))
    assert all(np.array_equal(picture, alone[i % 3]) for i, picture in enumerate(together))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_leaves_its_parents_workers_alone():
    read(shipped("MR_small_jpeg_ls_lossless"))
    child = os.fork()
    if not child:
        os._exit(0 if not apart._idle else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert apart._idle


def test_odd_files_say_nothing_on_the_way_and_other_warnings_still_do(capfd):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for name in ("MR_small_padded", "JPGExtended", "SC_rgb_jpeg"):
            read(shipped(name))
        assert not said
        warnings.warn("still heard", stacklevel=1)
        assert len(said) == 1
    assert capfd.readouterr() == ("", "")


def test_silence_in_several_threads_is_lifted_by_the_last():
    before = list(warnings.filters)
    outer, inner = silence(), silence()
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert warnings.filters != before
    inner.__exit__(None, None, None)
    assert warnings.filters == before
