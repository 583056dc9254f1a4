"""What a file says of itself beside its pixels: size, mode, format, the device that made it. A label is often readable from these alone."""

from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from overread.imaging import dicom, npz, raster
from overread.imaging.place import place

TAGS = {"make": 0x010F, "model": 0x0110, "software": 0x0131}
"""EXIF and TIFF tags that name the device and the program."""


def facts(data: bytes, image: NDArray[np.uint8]) -> dict[str, Any]:
    """Facts of one file's content.

    Parameters
    ----------
    data : bytes
        The whole file.
    image : (h, w) or (h, w, 3) uint8, what `read.decode` made of it

    Returns
    -------
    dict
        `width`, `height` (upright), `mode` (as stored, e.g. ``I;16``, ``MONOCHROME1 10/16``), `format`, `bytes`, `make`, `model`,
        `software` (blank if unsaid), `orientation` (EXIF, 1 is upright), `dpi` (NaN if unsaid).
    """
    height, width = image.shape[:2]
    size = {"width": width, "height": height, "bytes": len(data)}
    if data.startswith(npz.MAGIC):
        mode = "L" if image.ndim == 2 else "RGB"
        return {**size, "mode": mode, "format": "NPY", **dict.fromkeys(TAGS, ""), "orientation": 1, "dpi": float("nan")}
    if dicom.is_dicom(data):
        return {**size, "format": "DICOM", "orientation": 1, **dicom.facts(dicom.flat(dicom.dataset(data, pixels=False)))}
    header = raster.header(data)
    tagged = "exif" in header.info or header.format == "TIFF"  # asking a PNG without EXIF for it would decode it again
    return {
        **size,
        "mode": header.mode,
        "format": header.format,
        **(_tags(header) if tagged else dict.fromkeys(TAGS, "")),
        "orientation": raster.orientation(header) if tagged else 1,
        "dpi": _dpi(header.info.get("dpi")),
    }


def extension(file: str) -> str:
    """Lower-case extension without the dot, as the file's name claims it."""
    named = place(file)
    return PurePath(named.path if named.path.lower().endswith(".npz") else named.member or named.path).suffix.lower().lstrip(".")


def _tags(header: Image) -> dict[str, str]:
    try:
        exif = header.getexif()
        return {name: " ".join(str(exif.get(tag, "")).replace("\0", " ").split()) for name, tag in TAGS.items()}
    except raster.DAMAGE:
        return dict.fromkeys(TAGS, "")


def _dpi(pair: Any) -> float:
    try:
        return round(float(pair[0]), 2)
    except (TypeError, ValueError, LookupError, ArithmeticError):
        return float("nan")
