import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.pixels import convert_color_space
from pydicom.uid import HTJ2K, MPEG2MPML, ComprehensiveSRStorage, DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from overread.imaging.dicom.contents import peek
from overread.imaging.read import decode, read
from overread.imaging.unreadable import Unreadable

RGB = np.random.default_rng(0).integers(0, 256, (8, 10, 3)).astype(np.uint8)


def shipped(name: str) -> str:
    """A file that comes with pydicom."""
    return str(get_testdata_file(name, download=False))


@pytest.mark.parametrize(
    "name", ["MR_small_RLE", "MR_small_bigendian", "MR_small_implicit", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "MR_small_padded"]
)
def test_one_picture_is_the_same_in_every_lossless_transfer_syntax(name):
    assert np.array_equal(read(shipped(f"{name}.dcm")), read(shipped("MR_small.dcm")))


@pytest.mark.parametrize(
    ("name", "share"),
    [("SC_rgb_jpeg_gdcm", 0), ("SC_rgb_gdcm_KY", 0), ("SC_rgb_rle_16bit", 0), ("SC_rgb_jpeg_dcmtk", 9), ("SC_rgb_jls_lossy_line", 3)],
)
def test_one_coloured_picture_is_the_same_in_every_transfer_syntax(name, share):
    assert np.abs(read(shipped(f"{name}.dcm")).astype(int) - read(shipped("SC_rgb_rle.dcm"))).max() <= share


def test_jpeg_of_12_bits_is_read():
    """GDCM decodes it, though pydicom's own plugin for GDCM says that it does not; the published range of the sample is 0 to 264."""
    picture = read(shipped("JPGExtended.dcm"))
    assert picture.shape == (1024, 256)
    assert np.corrcoef(picture.ravel(), read(shipped("JPEG2000.dcm")).ravel())[0, 1] > 0.9


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("depth", [8, 16])
def test_colours_come_back_whichever_way_their_planes_lie(dicom, planar, depth):
    values = RGB if depth == 8 else RGB.astype(np.uint16) << 8 | 255 - RGB
    stored = values.transpose(2, 0, 1) if planar else values
    assert np.array_equal(decode(dicom(values, PlanarConfiguration=planar, PixelData=stored.tobytes())), RGB)


def test_ybr_becomes_rgb_also_where_chroma_is_halved(dicom):
    smooth = np.repeat(RGB[:, ::2], 2, axis=1)
    ybr = convert_color_space(smooth, "RGB", "YBR_FULL")
    halved = np.concatenate([ybr[:, ::2, :1], ybr[:, 1::2, :1], ybr[:, ::2, 1:]], axis=2)
    for photometric, stored in (("YBR_FULL", ybr), ("YBR_FULL_422", halved)):
        picture = decode(dicom(smooth, PhotometricInterpretation=photometric, PixelData=stored.tobytes()))
        assert np.abs(picture.astype(int) - smooth).max() <= 2


def test_a_jpeg_within_a_file_is_decoded_as_it_is_outside(dicom):
    grey = np.linspace(0, 255, 64 * 48).astype(np.uint8).reshape(48, 64)
    for kind, syntax in (("JPEG", JPEGBaseline8Bit), ("JPEG2000", JPEG2000Lossless)):
        buffer = io.BytesIO()
        Image.fromarray(grey).save(buffer, kind, **({"no_jp2": True} if kind == "JPEG2000" else {}))
        expected = np.asarray(Image.open(io.BytesIO(buffer.getvalue())))
        assert np.array_equal(decode(dicom(grey, syntax=syntax, PixelData=encapsulate([buffer.getvalue()]))), expected)


def palette(entries: np.ndarray, bits: int, first: int = 0, segmented: bool = False, data: list[bytes] | None = None) -> dict[str, object]:
    """Elements of a palette of (n, 3) entries."""
    told: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for at, channel in enumerate(("Red", "Green", "Blue")):
        told[f"{channel}PaletteColorLookupTableDescriptor"] = [len(entries) % 2**16, first, bits]
        told[f"{'Segmented' * segmented}{channel}PaletteColorLookupTableData"] = data[at] if data else np.ascontiguousarray(entries[:, at]).tobytes()
    return told


@pytest.mark.parametrize(("kind", "bits"), [(np.uint8, 8), (np.uint16, 16), ("wider", 16)])
def test_a_palette_gives_its_colours_in_8_and_16_bits(dicom, kind, bits):
    colours = np.random.default_rng(1).integers(0, 256, (200, 3)).astype(np.uint8)
    entries = colours if kind is np.uint8 else colours.astype(np.uint16) if kind == "wider" else colours.astype(np.uint16) * 257
    indices = np.random.default_rng(2).integers(0, 256, (6, 8)).astype(np.uint8)
    picture = decode(dicom(indices, **palette(entries, bits, first=20)))
    assert np.array_equal(picture, colours[(indices.astype(int) - 20).clip(0, 199)])


def test_a_dark_picture_stays_dark_under_a_palette_of_16_bits(dicom):
    entries = np.repeat(np.arange(256, dtype=np.uint16)[:, None] * 200, 3, axis=1)
    assert decode(dicom(np.array([[0, 1]], np.uint8), **palette(entries, 16))).max() == 0


def test_a_palette_of_many_8_bit_colours_does_not_wrap(dicom):
    colours = np.random.default_rng(1).integers(0, 256, (1000, 3)).astype(np.uint8)
    indices = np.arange(1000, dtype=np.uint16).reshape(20, 50)
    assert np.array_equal(decode(dicom(indices, **palette(colours, 8))), colours.reshape(20, 50, 3))


def test_a_segmented_palette_is_expanded(dicom):
    segments = struct.pack("<9H", 0, 2, 100 << 8, 200 << 8, 1, 2, 250 << 8, 0, 0)[:14]  # two discrete entries, then a line of two to 250
    indices = np.array([[0, 1, 2, 3]], np.uint8)
    told = palette(np.zeros((4, 3), np.uint16), 16, segmented=True, data=[segments] * 3)
    assert decode(dicom(indices, **told))[0, :, 0].tolist() == [100, 200, 225, 250]


def test_a_palette_of_wrong_length_is_a_reason(dicom):
    told = palette(np.zeros((100, 3), np.uint8), 8) | {"RedPaletteColorLookupTableDescriptor": [256, 0, 8]}
    with pytest.raises(Unreadable, match="palette promises 256 entries and holds 50"):
        decode(dicom(np.zeros((2, 2), np.uint8), **told))


def test_a_deflated_file_is_read_and_one_that_grows_without_end_is_not(dicom, monkeypatch):
    values = np.arange(2048, dtype=np.uint16).reshape(32, 64)
    data = dicom(values, syntax=DeflatedExplicitVRLittleEndian)
    assert np.array_equal(decode(data), decode(dicom(values)))
    monkeypatch.setattr("overread.imaging.dicom.contents.INFLATED_LIMIT", 1000)
    with pytest.raises(Unreadable, match="deflated and would take more than"):
        decode(data)


def test_a_file_without_preamble_or_header_is_known_by_what_it_begins_with(dicom):
    data = dicom(np.arange(64, dtype=np.uint8).reshape(8, 8))
    length = struct.unpack_from("<I", data, 140)[0]
    assert np.array_equal(decode(data[132:]), decode(data))
    assert np.array_equal(decode(data[144 + length :]), decode(data))
    with pytest.raises(Unreadable, match="not a picture"):
        decode(b"\x08\x00 words that begin like a group of DICOM but are none")


VALUES = np.arange(64, dtype=np.uint16).reshape(8, 8)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"PixelData": bytes(126)}, "pixels are cut off: there are fewer bytes than its header promises"),
        ({"Rows": None}, "header gives no Rows"),
        ({"BitsAllocated": None}, "header gives no BitsAllocated"),
        ({"Rows": 65_000, "Columns": 65_000}, "promises more than 89 megapixels"),
        ({"Rows": 0}, "says 0 x 8 pixels"),
        ({"BitsStored": 12, "HighBit": 15}, "12 bits in 16, the highest being 15"),
        ({"BitsStored": 17}, "17 bits in 16"),
        ({"SamplesPerPixel": 3}, "MONOCHROME2 and 3 samples"),
        ({"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3}, r"photometric interpretation \(HSV\)"),
        ({"PhotometricInterpretation": None}, r"photometric interpretation \(none\)"),
        ({"NumberOfFrames": 7}, "it holds 7 frames"),
        ({"NumberOfFrames": 2_000_000_000}, "promises more than 100,000 frames"),
        ({"syntax": HTJ2K, "PixelData": encapsulate([bytes(8)])}, r"High-Throughput JPEG 2000.* needs a decoder .*pylibjpeg"),
        ({"syntax": MPEG2MPML, "PixelData": encapsulate([bytes(8)])}, "MPEG2 .*export its frames as pictures"),
        (
            {"syntax": "1.2.840.10008.1.2.4.55", "PixelData": encapsulate([bytes(8)])},
            r"transfer syntax \(JPEG Full Progression.* is not read: convert it",
        ),
        ({"syntax": RLELossless, "PixelData": encapsulate([bytes(99)])}, r"pixels \(RLE Lossless\) are damaged"),
        ({"syntax": JPEG2000Lossless, "PixelData": encapsulate([bytes(99)])}, r"pixels \(JPEG 2000 .*\) are damaged"),
        ({"PixelData": None}, "no pixels follow its header"),
        ({"PixelData": None, "Rows": None, "SOPClassUID": ComprehensiveSRStorage}, r"without pixels \(Comprehensive SR\)"),
        ({"PixelData": None, "FloatPixelData": bytes(256), "BitsAllocated": 32}, "floating point"),
    ],
)
def test_what_cannot_be_read_says_why_and_names_nobody(dicom, told, reason):
    assert decode(dicom(VALUES)).max() == 255
    with pytest.raises(Unreadable, match=reason) as fault:
        decode(dicom(VALUES, PatientName="Doe^Jane", PatientID="4711", **told))
    assert "Doe" not in str(fault.value) and "4711" not in str(fault.value)


def test_a_file_cut_off_anywhere_is_a_reason(dicom):
    for name in ("MR_small.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_dcmtk.dcm", "MR_small_RLE.dcm"):
        data = Path(shipped(name)).read_bytes()
        for share in (0.05, 0.3, 0.6, 0.95):
            with pytest.raises(Unreadable):
                decode(data[: int(share * len(data))])


def test_zeros_that_a_broken_copy_goes_on_with_are_not_read_as_elements(dicom):
    data, zeros = dicom(VALUES), bytes(2**20)
    broken = io.BytesIO(data[:400] + zeros)
    peek(broken, ["Rows"])
    assert broken.tell() < 2**16
    with pytest.raises(Unreadable, match="without pixels"):
        decode(data[:400] + zeros)
    assert np.array_equal(decode(data + zeros), decode(data))


def test_zeros_where_the_data_set_should_begin_are_a_damaged_header(dicom):
    data = dicom(VALUES)
    meta = 144 + int.from_bytes(data[140:144], "little")
    for start in (132, meta):
        broken = io.BytesIO(data[:start] + bytes(2**20))
        with pytest.raises(Unreadable, match="header is damaged"):
            peek(broken, ["Rows"])
        assert broken.tell() <= 2**16
        with pytest.raises(Unreadable, match="header is damaged"):
            decode(data[:start] + bytes(2**20))


def test_a_compressed_frame_cut_off_in_a_whole_file_is_a_reason():
    for name in ("MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm", "JPGExtended.dcm", "JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm"):
        file = dcmread(shipped(name))
        for share in (0.5, 0.9):
            cut = encapsulate([file.PixelData[16 : int(share * len(file.PixelData))]])
            with pytest.raises(Unreadable, match="damaged or cut off"):
                decode(with_pixels(file, cut))


def with_pixels(file: Dataset, pixels: bytes) -> bytes:
    """The file with other compressed pixels."""
    other, content = Dataset(), io.BytesIO()
    other.update(file)
    other.file_meta, other.preamble = file.file_meta, file.preamble
    other["PixelData"] = type(file["PixelData"])(0x7FE00010, "OB", pixels)
    other["PixelData"].is_undefined_length = True
    other.save_as(content)
    return content.getvalue()
