"""Stored values of a DICOM file: checked against the header before anything is allocated, then decoded by pydicom."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, uid
from pydicom.pixels.decoders.base import Decoder, get_decoder

from overread.imaging.dicom.apart import SYNTAXES as APART
from overread.imaging.dicom.contents import frames, kind, reading, whole
from overread.imaging.raster import PIXEL_LIMIT
from overread.imaging.unreadable import Unreadable

GREY = ("MONOCHROME1", "MONOCHROME2")

COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
"""Colour spaces that pydicom and its decoders make RGB of."""

PALETTE = "PALETTE COLOR"


def stored(header: Dataset) -> NDArray[np.integer]:
    """Stored values of the one picture in a data set.

    Signs are extended and bits above `BitsStored` taken out by pydicom (PS3.5 8.1.1: overlays may lie there).

    Returns
    -------
    (h, w) or (h, w, 3) of the integer type that the file allocates; three samples are RGB, interleaved

    Raises
    ------
    Unreadable
        There are no pixels, several frames, too many or too few pixels, a transfer syntax or colour space that is not read, or damage.
    """
    if "PixelData" not in header:
        if "FloatPixelData" in header or "DoubleFloatPixelData" in header:
            raise Unreadable("it holds measurements in floating point (a parametric map), not grey levels")
        if "Rows" in header:
            raise Unreadable("no pixels follow its header: the file is cut off, or a header alone")
        raise Unreadable(f"a DICOM file without pixels ({kind(header)})")
    samples = _samples(header)
    syntax = uid.UID(header.file_meta.TransferSyntaxUID)
    decoder, plugin = _decoder(syntax, _beyond_pillow(header, samples))
    if not syntax.is_encapsulated:
        _check_length(header)
    with reading(_damaged(syntax)):
        values, told = decoder.as_array(header, index=0, decoding_plugin=plugin)
    if samples == 3 and told["photometric_interpretation"] != "RGB":
        raise Unreadable(f"its colours ({told['photometric_interpretation']}) are not read")
    return values


def photometric(header: Dataset) -> str:
    """Photometric interpretation, one of those that are read.

    Raises
    ------
    Unreadable
        Another, or none.
    """
    with reading("its header is damaged at PhotometricInterpretation"):
        named = str(header.get("PhotometricInterpretation") or "").strip().upper()
    if named not in (*GREY, *COLOUR, PALETTE):
        raise Unreadable(f"its photometric interpretation ({named[:20] or 'none'}) is not read")
    return named


def _samples(header: Dataset) -> int:
    """Samples a pixel, once all that says how pixels lie was checked."""
    rows, columns, samples = (whole(header, name) for name in ("Rows", "Columns", "SamplesPerPixel"))
    count = frames(header)
    if count > 1:
        raise Unreadable(f"it holds {count} frames: choose with ?frames=each of dicom:, or name one (film.dcm#frame=1)")
    if rows < 1 or columns < 1:
        raise Unreadable(f"its header says {rows} x {columns} pixels")
    if rows * columns > PIXEL_LIMIT:
        raise Unreadable(f"its header promises more than {PIXEL_LIMIT // 1_000_000} megapixels")
    named = photometric(header)
    if samples != (3 if named in COLOUR else 1):
        raise Unreadable(f"its header says {named} and {samples} samples a pixel")
    allocated, bits = whole(header, "BitsAllocated"), whole(header, "BitsStored")
    if whole(header, "HighBit", bits - 1) != bits - 1 or allocated not in (1, 8, 16, 32) or not 0 < bits <= allocated:
        raise Unreadable(f"its pixels of {bits} bits in {allocated}, the highest being {whole(header, 'HighBit', bits - 1)}, are not read")
    return samples


def frame_bits(header: Dataset) -> int:
    """Bits that one uncompressed frame takes; chroma of YBR_FULL_422 is stored for every other pixel."""
    sampled = 2 if photometric(header) == "YBR_FULL_422" else whole(header, "SamplesPerPixel")
    return whole(header, "Rows") * whole(header, "Columns") * sampled * whole(header, "BitsAllocated")


def _check_length(header: Dataset) -> None:
    """Refuse fewer bytes than uncompressed pixels take."""
    if 8 * len(header.PixelData) < frame_bits(header):
        raise Unreadable("its pixels are cut off: there are fewer bytes than its header promises")


def _beyond_pillow(header: Dataset, samples: int) -> bool:
    """Whether Pillow would refuse the compressed pixels, or give them in fewer bits."""
    return whole(header, "BitsStored") > (8 if samples > 1 else 16)


@cache
def _decoder(syntax: uid.UID, beyond_pillow: bool) -> tuple[Decoder, str]:
    """A decoder for the transfer syntax, and which of its plugins: Pillow where it can, since it holds out against damage, else GDCM apart."""
    if syntax in (uid.JPEGBaseline8Bit, uid.JPEG2000, uid.JPEG2000Lossless) and not beyond_pillow:
        return get_decoder(syntax), "pillow"
    named = f"its transfer syntax ({syntax.name[:60]})"
    plugin = "apart" if syntax in APART else ""
    try:
        decoder = Decoder(syntax) if plugin else get_decoder(syntax)
    except NotImplementedError:
        video = syntax in uid.MPEGTransferSyntaxes
        mend = "export its frames as pictures" if video else "convert it to Explicit VR Little Endian, e.g. with dcmconv or gdcmconv"
        raise Unreadable(f"{named} is not read: {mend}") from None
    if plugin:
        decoder.add_plugin(plugin, ("overread.imaging.dicom.apart", "decode_frame"))
    if not decoder.is_available:
        raise Unreadable(f"{named} needs a decoder that is not installed ({'; '.join(decoder.missing_dependencies)})")
    return decoder, plugin


def _damaged(syntax: uid.UID) -> str:
    return f"its pixels ({syntax.name[:60]}) are damaged or cut off" if syntax.is_encapsulated else "its pixels are damaged"
