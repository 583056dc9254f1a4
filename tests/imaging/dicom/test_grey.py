import io

import numpy as np
import pytest
from pydicom import DataElement, dcmread
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from overread.imaging.dicom.view import View
from overread.imaging.read import decode
from overread.imaging.unreadable import Unreadable
from overread.imaging.window import window


def by_pydicom(data: bytes, index: int = 0) -> np.ndarray:
    """Grey levels, not rounded, by pydicom's own functions; it spreads a window over the range of what the bits can hold."""
    file = dcmread(io.BytesIO(data))
    signed = file.PixelRepresentation
    ends = np.array([-(2 ** (file.BitsStored - 1)), 2 ** (file.BitsStored - 1) - 1] if signed else [0, 2**file.BitsStored - 1])
    low, high = apply_modality_lut(ends, file)
    return 255 * (apply_voi_lut(apply_modality_lut(file.pixel_array, file), file, index) - low) / (high - low)


@pytest.mark.parametrize("function", [None, "LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("slope", "intercept"), [(None, None), (1, -1024), (0.37, 12.5)])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.filterwarnings("ignore:overflow")
def test_every_window_function_agrees_with_pydicom_to_one_grey_level(dicom, ramp, function, slope, intercept, signed):
    values = ramp.astype(np.int16) - 2048 if signed else ramp
    told = {
        "WindowCenter": ["300", "-20"],
        "WindowWidth": ["900", "1"],
        "VOILUTFunction": function,
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
    }
    data = dicom(values, bits=12, **{name: value for name, value in told.items() if value is not None})
    for number in (1, 2):
        assert np.abs(decode(data, View(window=number)) - by_pydicom(data, number - 1)).max() <= 0.5


def test_a_window_of_width_one_is_a_step_and_a_wider_one_a_ramp(shown):
    values = np.array([[8, 9, 10, 11, 12]], np.uint16)
    assert shown(values, WindowCenter=10, WindowWidth=1).tolist() == [[0, 0, 255, 255, 255]]
    assert shown(values, WindowCenter=10.5, WindowWidth=5).tolist() == [[0, 64, 128, 191, 255]]


@pytest.mark.parametrize("signed", [False, True])
def test_a_voi_lut_agrees_with_pydicom_and_comes_before_a_window(dicom, ramp, lut, signed):
    table = lut((np.arange(3000) ** 2 // 2200), 12, first=-500 if signed else 700)
    values = ramp.astype(np.int16) - 2048 if signed else ramp
    data = dicom(values, bits=12, VOILUTSequence=table, WindowCenter=1, WindowWidth=5)
    file = dcmread(io.BytesIO(data))
    assert np.abs(decode(data) - 255 / 4095 * apply_voi_lut(file.pixel_array, file)).max() <= 0.5


def test_a_voi_lut_of_many_8_bit_entries_does_not_wrap(shown, ramp, lut):
    assert np.array_equal(shown(ramp, bits=12, VOILUTSequence=lut(np.arange(4096) // 16, 8)), ramp // 16)


def test_8_bit_entries_may_be_packed_two_a_word(dicom, ramp, lut):
    packed = lut((np.arange(4096) // 16).astype(np.uint8).view("<u2"), 8, promised=4096)
    assert np.array_equal(decode(dicom(ramp, bits=12, VOILUTSequence=packed)), ramp // 16)


def test_a_modality_lut_comes_before_the_window(dicom, ramp, lut):
    data = dicom(ramp, bits=12, ModalityLUTSequence=lut(np.arange(4096)[::-1] * 4, 16), WindowCenter=8000, WindowWidth=9000)
    file = dcmread(io.BytesIO(data))
    assert np.abs(decode(data) - 255 / 65535 * apply_voi_lut(apply_modality_lut(file.pixel_array, file), file)).max() <= 0.5


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_tables_padding_and_pixels_are_read_alike_in_every_byte_order(dicom, ramp, lut, syntax):
    told = {"bits": 12, "VOILUTSequence": lut((np.arange(4096) * 16) ^ 15, 16), "PixelPaddingValue": 4095}
    assert np.array_equal(decode(dicom(ramp, syntax=syntax, **told)), decode(dicom(ramp, **told)))


@pytest.mark.parametrize(
    ("photometric", "shape"), [("MONOCHROME1", None), ("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "INVERSE"), ("MONOCHROME1", "IDENTITY")]
)
def test_the_inversion_is_made_once_whoever_asks_for_it(dicom, shown, ramp, photometric, shape):
    told = {"bits": 12, "WindowCenter": 2000, "WindowWidth": 3000}
    asked = dicom(ramp, PhotometricInterpretation=photometric, **told, **({"PresentationLUTShape": shape} if shape else {}))
    plain = shown(ramp, **told)
    assert np.array_equal(decode(asked), 255 - plain)
    assert np.array_equal(decode(asked, View(invert=True)), 255 - plain)
    assert np.array_equal(decode(asked, View(invert=False)), plain)


def test_nothing_is_inverted_unasked(shown, ramp):
    assert np.array_equal(shown(ramp, bits=12, PresentationLUTShape="IDENTITY"), shown(ramp, bits=12))
    assert shown(ramp, bits=12)[0, 0] == 0


@pytest.mark.parametrize("step", ["modality", "voi", "invert"])
def test_a_step_that_must_be_there_and_is_not_is_a_reason(shown, ramp, step):
    with pytest.raises(Unreadable, match=r"asks for .* which the file does not have"):
        shown(ramp, View(**{step: True}), bits=12)


def test_steps_may_be_left_out(shown, ramp):
    window_in_hounsfield = {"RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": 40, "WindowWidth": 400}
    assert np.array_equal(shown(ramp, View(voi=False), bits=12, **window_in_hounsfield), window(ramp))
    assert np.array_equal(shown(ramp, View(modality=False), bits=12, **window_in_hounsfield), shown(ramp, bits=12, WindowCenter=40, WindowWidth=400))
    assert np.array_equal(shown(ramp, View(modality=True, voi=True), bits=12, **window_in_hounsfield), shown(ramp, bits=12, **window_in_hounsfield))


def test_without_a_window_deep_pictures_are_mapped_as_a_16_bit_png_is(shown, ramp):
    values = (ramp**1.3 % 5000).astype(np.uint16)
    assert np.array_equal(shown(values), window(values))
    assert np.array_equal(shown(values.astype(np.int16) - 900), window(values))
    assert np.array_equal(shown(values, RescaleSlope=2, RescaleIntercept=-1000), window(values))


def test_without_a_window_up_to_8_bits_keep_their_levels(shown):
    values = np.arange(40, 200, dtype=np.uint8).reshape(10, 16)
    assert np.array_equal(shown(values), values)
    assert np.array_equal(shown(values.astype(np.uint16), bits=8), values)
    assert np.array_equal(shown((values - 128).view(np.int8)), values)
    assert shown(np.array([[0, 7, 15]], np.uint8), bits=4).tolist() == [[0, 119, 255]]


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("depth", [8, 12])
def test_padding_is_black_and_takes_no_part(shown, ramp, photometric, depth):
    values = (ramp // 2**5 if depth == 8 else ramp // 4).astype(np.uint16) + 1
    framed = np.pad(values, 6, constant_values=2**depth - 1)
    told = {"bits": depth, "PhotometricInterpretation": photometric}
    picture = shown(framed, PixelPaddingValue=2**depth - 1, **told)
    assert np.array_equal(picture[6:-6, 6:-6], shown(values, **told))
    assert picture.sum() == picture[6:-6, 6:-6].sum()
    assert not shown(np.full((4, 4), 9, np.uint16), PixelPaddingValue=9, **told).any()


def test_a_range_of_padding_and_a_negative_one_written_unsigned_are_known(shown):
    values = np.array([[-2000, -1990, 0, 50, 100]], np.int16)
    limited = {"PixelPaddingValue": -2000, "PixelPaddingRangeLimit": -1980}
    assert shown(values, PhotometricInterpretation="MONOCHROME1", **limited).tolist() == [[0, 0, 255, 127, 0]]
    unsigned = DataElement("PixelPaddingValue", "US", 2**16 - 2000)
    assert shown(values[:, [0, 2, 3, 4]], PixelPaddingValue=unsigned, PhotometricInterpretation="MONOCHROME1").tolist() == [[0, 255, 127, 0]]


@pytest.mark.parametrize("signed", [False, True])
def test_what_lies_in_the_bits_above_those_stored_is_not_seen(shown, ramp, signed):
    values = ramp.astype(np.int16) - 2048 if signed else ramp
    junk = (values.view(np.uint16) & 0x0FFF | np.random.default_rng(0).integers(0, 16, values.shape).astype(np.uint16) << 12).view(values.dtype)
    assert np.array_equal(shown(junk, bits=12), shown(values, bits=12))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"WindowCenter": 40, "WindowWidth": 0}, "window has a width of 0"),
        ({"WindowCenter": 40, "WindowWidth": 0.5}, "window has a width of 0.5"),
        ({"WindowCenter": 40, "WindowWidth": -3, "VOILUTFunction": "SIGMOID"}, "window has a width of -3"),
        ({"WindowCenter": 40, "WindowWidth": 9, "VOILUTFunction": "CUBIC"}, "VOI LUT function"),
        ({"RescaleSlope": 0, "RescaleIntercept": 3}, "rescale slope is 0"),
    ],
)
def test_a_window_or_rescale_that_means_nothing_is_a_reason(shown, ramp, told, reason):
    with pytest.raises(Unreadable, match=reason):
        shown(ramp, bits=12, **told)
    assert shown(ramp, View(modality=False, voi=False), bits=12, **told).max() == 255


@pytest.mark.parametrize("where", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize(("entries", "promised", "bits"), [(100, 4096, 16), (4096, 0, 12), (300, 299, 16), (16, 16, 40)])
def test_a_lut_of_wrong_length_or_depth_is_a_reason(shown, ramp, lut, where, entries, promised, bits):
    with pytest.raises(Unreadable, match=r"LUT (promises [0-9,]+ entries and holds|says 40 bits)"):
        shown(ramp, bits=12, **{where: lut(range(entries), bits, promised=promised)})


def test_a_window_that_is_not_there_is_a_reason(shown, ramp):
    with pytest.raises(Unreadable, match="number 3 is asked for"):
        shown(ramp, View(window=3), bits=12, WindowCenter=[1, 2], WindowWidth=[3, 4])
