"""From stored values to the grey levels a reader sees: modality, VOI, and one inversion (PS3.4 N.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_windowing

from overread.imaging.dicom.contents import reading, whole
from overread.imaging.dicom.lut import Table, table
from overread.imaging.dicom.pixels import photometric
from overread.imaging.dicom.view import View
from overread.imaging.unreadable import Unreadable
from overread.imaging.window import edges, shade

WHITE = 255

Grey = NDArray[np.uint8]


def grey(values: NDArray[np.integer], header: Dataset, view: View) -> Grey:
    """Grey levels of stored values; padding is black.

    Parameters
    ----------
    values : (h, w) integers, as stored
    header : the data set they came from, functional groups entered at the top (`contents.flat`)
    view : which steps are taken

    Raises
    ------
    Unreadable
        A step that the view asks for is not in the file, or is there and damaged.
    """
    padding = padded(values, header)
    measured = modality(values, header, view)
    shown = voi(measured, header, view)
    if shown is None:
        kept = measured is values and whole(header, "BitsStored") <= 8
        shown = shade(values, *_storable(header)) if kept else _stretched(measured, padding)
    if inverted(header, view):
        shown = WHITE - shown
    shown[padding] = 0
    return shown


def padded(values: NDArray[np.integer], header: Dataset) -> NDArray[np.bool_]:
    """(h, w) bool: `PixelPaddingValue`, or anything between it and `PixelPaddingRangeLimit`, is no measurement (PS3.3 C.7.5.1.1.2)."""
    if header.get("PixelPaddingValue") is None:
        return np.zeros(values.shape, bool)
    one = _as_stored(whole(header, "PixelPaddingValue"), header)
    other = _as_stored(whole(header, "PixelPaddingRangeLimit", one), header)
    return (values >= min(one, other)) & (values <= max(one, other))


def modality(values: NDArray[np.integer], header: Dataset, view: View) -> NDArray[Any]:
    """Measurements of stored values (PS3.3 C.11.1); `values` themselves where there is nothing to do."""
    tables = _tables(header, "ModalityLUTSequence", "modality LUT")
    slope, intercept = _numbers(header, "RescaleSlope"), _numbers(header, "RescaleIntercept")
    if not _taken(view.modality, bool(tables or (slope and intercept)), "a modality LUT or rescale"):
        return values
    if tables:
        return tables[0].look_up(values)
    if slope[0] == 0:
        raise Unreadable("its rescale slope is 0")
    return values if (slope[0], intercept[0]) == (1, 0) else values * slope[0] + intercept[0]


def voi(measured: NDArray[Any], header: Dataset, view: View) -> Grey | None:
    """Grey levels by VOI LUT or window (PS3.3 C.11.2), or None where neither is there or wanted. A LUT comes before a window, as in pydicom."""
    tables = _tables(header, "VOILUTSequence", "VOI LUT")
    windows = list(zip(_numbers(header, "WindowCenter"), _numbers(header, "WindowWidth"), strict=False))
    choices = len(tables or windows)
    if not _taken(view.voi, choices > 0, "a VOI LUT or window"):
        return None
    if view.window > choices:
        raise Unreadable(f"it has {choices} of the VOI LUTs or windows of which number {view.window} is asked for")
    if tables:
        chosen = tables[view.window - 1]
        return shade(chosen.look_up(measured), 0, 2**chosen.bits - 1)
    center, width = windows[view.window - 1]
    function = _word(header, "VOILUTFunction") or "LINEAR"
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        raise Unreadable(f"its VOI LUT function ({function[:20]}) is none that DICOM knows")
    if width <= 0 or (width < 1 and function == "LINEAR"):
        raise Unreadable(f"its window has a width of {width:g}")
    told = Dataset()  # pydicom spreads a window over the range of what is stored: told of 8 bits, over grey levels
    told.PhotometricInterpretation, told.BitsStored, told.PixelRepresentation = "MONOCHROME2", 8, 0
    told.WindowCenter, told.WindowWidth, told.VOILUTFunction = center, width, function
    return np.asarray(np.rint(apply_windowing(measured, told)), np.uint8)


def inverted(header: Dataset, view: View) -> bool:
    """Whether low values are to be white.

    MONOCHROME1 (PS3.3 C.7.6.3.1.2) and presentation LUT shape INVERSE (C.11.6.1.2) say one and the same: a digital radiograph that is
    MONOCHROME1 must also say INVERSE (C.8.11.3.1), and is inverted once.
    """
    asked = photometric(header) == "MONOCHROME1" or _word(header, "PresentationLUTShape") == "INVERSE"
    return _taken(view.invert, asked, "an inversion")


def _storable(header: Dataset) -> tuple[int, int]:
    """The least and the most that the stored bits can hold: pictures of up to 8 bits keep their levels."""
    bits = whole(header, "BitsStored")
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if whole(header, "PixelRepresentation", 0) else (0, 2**bits - 1)


def _stretched(measured: NDArray[Any], padding: NDArray[np.bool_]) -> Grey:
    """Deeper pictures are windowed by their percentiles, as those of other formats are; padding takes no part."""
    known = measured[~padding]
    if not known.size or known.min() == known.max():
        return np.zeros(measured.shape, np.uint8)
    return shade(measured, *edges(known))


def _taken(wanted: bool | None, there: bool, what: str) -> bool:
    """Whether a step is taken: as the file says unless told otherwise."""
    if wanted and not there:
        raise Unreadable(f"the recipe asks for {what}, which the file does not have")
    return there and wanted is not False


def _tables(header: Dataset, keyword: str, what: str) -> list[Table]:
    with reading(f"its {what} is damaged"):
        return [table(item, header.file_meta.TransferSyntaxUID.is_little_endian, what) for item in header.get(keyword) or []]


def _numbers(header: Dataset, keyword: str) -> list[float]:
    """The finite numbers of an element that may hold none, one or several."""
    with reading(f"its header is damaged at {keyword}"):
        value = header.get(keyword)
        if value is None or value == "":
            return []
        numbers = [float(number) for number in (value if isinstance(value, MultiValue) else [value])]
        if not np.isfinite(numbers).all():
            raise ValueError("not a number")
        return numbers


def _word(header: Dataset, keyword: str) -> str:
    with reading(f"its header is damaged at {keyword}"):
        return str(header.get(keyword) or "").strip().upper()


def _as_stored(number: int, header: Dataset) -> int:
    """A number in the pixels' own type: beside signed pixels a padding value is often written as unsigned."""
    bits = whole(header, "BitsAllocated")
    half = 1 << (bits - 1) if whole(header, "PixelRepresentation", 0) else 0
    return (number + half) % (1 << bits) - half
