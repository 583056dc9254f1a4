"""The data set in a DICOM file's bytes: told by content, read whatever is missing, refused with a reason."""

import io
import struct
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, BinaryIO, cast

from pydicom import Dataset, dcmread
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_partial
from pydicom.tag import Tag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from overread.imaging.dicom.silence import silence
from overread.imaging.unreadable import Unreadable

PIXELS = 0x7FE0
"""The group of the pixels, the last of a file."""

PREAMBLE = 128

MAGIC = b"DICM"

BARE = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
"""How a data set without preamble begins: group 2, or group 8 in either byte order."""

DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
    InvalidDicomError,
    BytesLengthException,
)
"""What pydicom raises on damaged bytes (found by flipping and cutting bytes of its own test files)."""

INFLATED_LIMIT = 2**30
"""More than the largest picture within the pixel limit takes; a deflated data set that grows beyond it is refused."""

FRAME_LIMIT = 100_000
"""An hour of fluoroscopy at 27 frames a second; more is a damaged header."""

MACROS = ("PixelValueTransformationSequence", "FrameVOILUTSequence", "PixelMeasuresSequence", "FrameAnatomySequence")
"""Functional groups (PS3.3 C.7.6.16) whose elements mean the same as those at the top of a plain file."""


@contextmanager
def reading(reason: str) -> Iterator[None]:
    """Whatever pydicom raises over damaged bytes inside this block is this reason; its warnings are not shown."""
    with silence():
        try:
            yield
        except Unreadable:
            raise
        except DAMAGE as fault:
            raise Unreadable(reason) from fault


def is_dicom(data: bytes) -> bool:
    """Whether these are the first bytes, or all, of a DICOM file; without a preamble it must begin as one does and name its class."""
    if data[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC:
        return True
    if data[: len(BARE[0])] not in BARE:
        return False
    try:
        with reading("not DICOM"):
            return "SOPClassUID" in dcmread(io.BytesIO(data[: 2**16]), force=True, stop_before_pixels=True, specific_tags=["SOPClassUID"])
    except Unreadable:
        return False


def dataset(data: bytes, *, pixels: bool = True) -> Dataset:
    """What a file's bytes hold; where it says nothing of its transfer syntax, the one that it was read by is entered.

    Parameters
    ----------
    data : bytes
        The file, or as much of its beginning as reaches to the pixels.
    pixels : whether to go on to the pixels

    Raises
    ------
    Unreadable
        The header is damaged or cut off, or the data set grows beyond the limit when it is inflated.
    """
    with reading("its DICOM header is damaged or cut off"):
        _check_begin(data)
        _check_inflated(data)
        found = _read(io.BytesIO(data), pixels=pixels)
        if "TransferSyntaxUID" not in found.file_meta:
            implicit, little = found.original_encoding
            found.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        return found


def peek(stream: IO[bytes], keywords: Collection[str]) -> Dataset | None:
    """What a file says of these elements ahead of its pixels, none of which are read; None where it is not DICOM.

    Raises
    ------
    Unreadable
        The header is damaged or cut off.
    """
    first = stream.read(2**16)
    if not is_dicom(first):
        return None
    if _is_deflated(first):
        return dataset(first + stream.read(INFLATED_LIMIT), pixels=False)
    with reading("its DICOM header is damaged or cut off"):
        _check_begin(first)
        stream.seek(0)
        return _read(stream, pixels=False, keywords=keywords)


def flat(header: Dataset, frame: int = 1) -> Dataset:
    """The same with what the functional groups say of one frame (1 is the first) entered at the top, where it stands in a plain file.

    The elements are shared, not copied, and private ones left out; `header` is not changed.
    """
    shown = Dataset()
    shown.file_meta = header.file_meta
    shown.set_original_encoding(*header.original_encoding)
    with reading("its DICOM header is damaged"):
        for tag in header.keys():  # noqa: SIM118  (the elements themselves would be converted, also those that nobody asks for)
            if not tag.is_private:
                shown[tag] = header.get_item(tag)
        shared = header.get("SharedFunctionalGroupsSequence") or []
        each = header.get("PerFrameFunctionalGroupsSequence") or []
        for group in chain(shared[:1], each[frame - 1 : frame]):
            for macro in MACROS:
                for item in (group.get(macro) or [])[:1]:
                    shown.update(item)
    return shown


def whole(header: Dataset, keyword: str, default: int | None = None) -> int:
    """An element as a whole number.

    Raises
    ------
    Unreadable
        It is missing and has no default, or is no number.
    """
    with reading(f"its header is damaged at {keyword}"):
        value = header.get(keyword)
        if value is None and default is None:
            raise Unreadable(f"its header gives no {keyword}")
        return int(str(default if value is None else value))


def frames(header: Dataset) -> int:
    """How many frames it says it has, at least one."""
    count = whole(header, "NumberOfFrames", 1)
    if count > FRAME_LIMIT:
        raise Unreadable(f"its header promises more than {FRAME_LIMIT:,} frames")
    return max(1, count)


def kind(header: Dataset) -> str:
    """What sort of object it is: the name of its SOP class, e.g. ``Basic Text SR``."""
    with reading("its header is damaged at SOPClassUID"):
        named = UID(str(header.get("SOPClassUID") or header.file_meta.get("MediaStorageSOPClassUID") or ""))
        return named.name.removesuffix(" Storage") if named.name != named else "an object of unknown class"


def _read(stream: IO[bytes], *, pixels: bool, keywords: Collection[str] = ()) -> Dataset:
    """`dcmread` of all elements, or of some, that ends at zeros: a copy that broke off may go on with a gigabyte of them, each eight an element."""
    beyond = {0} if pixels else {0, PIXELS}
    return read_partial(cast(BinaryIO, stream), lambda tag, vr, length: tag.group in beyond, force=True, specific_tags=[*map(Tag, keywords)] or None)


def _check_begin(data: bytes) -> None:
    """Refuse zeros where the data set should begin: pydicom would take them for a message's commands, which no file holds, to their end."""
    start = PREAMBLE + len(MAGIC)
    if data[start : start + 4] == b"\x02\0\0\0":  # (0002,0000), whose value is the number of bytes from behind it to the data set
        start += 12 + int.from_bytes(data[start + 8 : start + 12], "little")
    if data[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC and data[start : start + 8] == bytes(8):
        raise Unreadable("its DICOM header is damaged or cut off")


def _check_inflated(data: bytes) -> None:
    """Refuse a deflated data set that grows without measure, before pydicom inflates it whole."""
    if not _is_deflated(data):
        return
    start = PREAMBLE + len(MAGIC)
    (length,) = struct.unpack_from("<I", data, start + 8)  # the value of (0002,0000): bytes from behind it to the data set
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflater.decompress(data[start + 12 + length :], INFLATED_LIMIT)
    if inflater.unconsumed_tail:
        raise Unreadable(f"its data set is deflated and would take more than {INFLATED_LIMIT >> 30} GiB")


def _is_deflated(data: bytes) -> bool:
    return data[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC and DeflatedExplicitVRLittleEndian.encode() in data[:2048]
