"""One frame of a multi-frame DICOM file, as a file of its own: with its own content, so with its own hash and place in the cache."""

import io

from pydicom import Dataset, dcmwrite
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian

from overread.imaging.dicom.contents import flat, frames, reading, whole
from overread.imaging.dicom.pixels import frame_bits
from overread.imaging.dicom.tags import SAID
from overread.imaging.unreadable import Unreadable

IMAGE = 0x0028
"""The group that says how pixels are stored and shown."""


def single(header: Dataset, frame: int) -> bytes:
    """A DICOM file of one frame: its pixels as they are stored, what is needed to show them, what the device says of itself, and no more.

    Parameters
    ----------
    header : the whole data set
    frame : 1 is the first

    Raises
    ------
    Unreadable
        There is no such frame, or it cannot be cut out.
    """
    count = frames(header)
    if not 1 <= frame <= count:
        raise Unreadable(f"it has no frame {frame}: it holds {count}")
    if "PixelData" not in header:
        raise Unreadable("a DICOM file without pixels")
    with reading("the frame cannot be cut out: the file is damaged"):
        syntax = UID(header.file_meta.TransferSyntaxUID)
        one = _without_pixels(flat(header, frame))
        if syntax.is_encapsulated:
            one.PixelData = encapsulate([get_frame(header.PixelData, frame - 1, number_of_frames=count)])
            one["PixelData"].VR, one["PixelData"].is_undefined_length = "OB", True
        else:
            one.PixelData = _cut(header, frame)
            one["PixelData"].VR = header["PixelData"].VR
        one.preamble, one.file_meta = bytes(128), FileMetaDataset()
        one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax == DeflatedExplicitVRLittleEndian else syntax
        file = io.BytesIO()
        dcmwrite(file, one)
        return file.getvalue()


def _without_pixels(shown: Dataset) -> Dataset:
    """The elements a frame needs; they are shared with the whole file, so never assigned to."""
    one = Dataset()
    for tag in shown.keys():  # noqa: SIM118  (elements that are not needed are not converted)
        keyword = keyword_for_tag(tag)
        if (tag.group == IMAGE and keyword != "NumberOfFrames") or keyword in SAID:
            one.add(shown[tag])
    return one


def _cut(header: Dataset, frame: int) -> bytes:
    """The bytes of one uncompressed frame."""
    size, rest = divmod(frame_bits(header), 8)
    if rest or (size % 2 and header.file_meta.TransferSyntaxUID == ExplicitVRBigEndian and whole(header, "BitsAllocated") == 8):
        raise Unreadable("its frames do not begin at whole bytes")
    pixels: bytes = header.PixelData[(frame - 1) * size : frame * size]
    if len(pixels) < size:
        raise Unreadable(f"its pixels are cut off in frame {frame}")
    return pixels + bytes(size % 2)
