"""What a DICOM header says of the picture and the device that made it; never who it is of."""

from typing import Any

from pydicom import Dataset

from overread.imaging.dicom.contents import reading

DEVICE = {"make": "Manufacturer", "model": "ManufacturerModelName", "software": "SoftwareVersions"}

SPACING = ("ImagerPixelSpacing", "PixelSpacing")
"""Millimetres from row to row, at the detector or as calibrated."""

SAID = ("SOPClassUID", "PresentationLUTShape", *DEVICE.values(), *SPACING)
"""Elements outside the group of the pixels that decoding and facts ask for."""


def facts(header: Dataset) -> dict[str, Any]:
    """`mode` (photometric interpretation, bits stored / allocated), `make`, `model`, `software`, `dpi` (NaN if no spacing is told)."""
    stored, allocated = text(header, "BitsStored"), text(header, "BitsAllocated")
    return {
        "mode": f"{text(header, 'PhotometricInterpretation')} {stored}/{allocated}",
        **{name: text(header, keyword) for name, keyword in DEVICE.items()},
        "dpi": round(25.4 / spacing, 2) if (spacing := row_spacing(header)) > 0 else float("nan"),
    }


def text(header: Dataset, keyword: str) -> str:
    """An element in one line, several values with blanks between; blank where it is missing or damaged."""
    value = _value(header, keyword)
    several = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
    return " ".join(" ".join(str(part) for part in several if part is not None).replace("\0", " ").split())


def number(header: Dataset, keyword: str) -> float:
    """The (first) number of an element; NaN where there is none."""
    try:
        return float(text(header, keyword).split()[0])
    except (ValueError, IndexError):
        return float("nan")


def row_spacing(header: Dataset) -> float:
    """Millimetres from row to row; NaN where it is not told."""
    known = [spacing for keyword in SPACING if (spacing := number(header, keyword)) > 0]
    return known[0] if known else float("nan")


def meaning(header: Dataset, keyword: str) -> str:
    """What the first code of a code sequence means, e.g. ``cranio-caudal`` of a view."""
    items = _value(header, keyword)
    return text(items[0], "CodeMeaning") if items else ""


def _value(header: Dataset, keyword: str) -> Any:
    try:
        with reading("damaged"):
            return header.get(keyword)
    except ValueError:
        return None
