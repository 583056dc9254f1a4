"""One file, one picture: upright 8-bit pixels, whatever the format, depth, mode or extension."""

import hashlib
import os
import stat
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from overread.imaging import dicom, npz, raster, zips
from overread.imaging.dicom.view import AS_FILED, View
from overread.imaging.place import Place, place
from overread.imaging.unreadable import Unreadable as Unreadable

BYTES_LIMIT = 2**30
"""More than the largest picture within the pixel limit takes uncompressed; a larger file is refused unread."""


_opening = Lock()


def read(file: str, view: View = AS_FILED) -> NDArray[np.uint8]:
    """Decode one image.

    Parameters
    ----------
    file : str
        A path, a container's member after ``#`` (``set.npz#train_images/12``, ``study.zip#a/b.dcm``), or a frame of a multi-frame DICOM file
        after ``#frame=`` (``film.dcm#frame=1`` is the first).
    view : View
        How a DICOM file's stored values become grey levels; other formats have no such steps.

    Returns
    -------
    (h, w) uint8 for a grey file, (h, w, 3) uint8 RGB for one with colour channels, even where those are equal

    Raises
    ------
    Unreadable
        With a short reason that names no file.

    Notes
    -----
    The file is decoded whole: a faster JPEG draft has other pixels, so other hashes, and a scan decodes each content only once.
    """
    return decode(fetch(file), view)


def fetch(file: str) -> bytes:
    """The bytes that hold one image.

    Raises
    ------
    Unreadable
        Missing, empty, too large, not permitted, or no ordinary file (a folder; a pipe or device, which may never end).
    """
    named = place(file)
    if named.frame:
        return _frame(file, named)
    if named.member and named.path.lower().endswith(".npz"):
        return npz.member(Path(named.path), named.member)
    if named.member:
        return zips.member(Path(named.path), named.member, BYTES_LIMIT)
    if not file:
        raise Unreadable("no file is named")
    try:
        unusual = _unusual(Path(file).stat())
        data = b"" if unusual else Path(file).read_bytes()
    except FileNotFoundError:
        raise Unreadable("frames count from 1" if file.endswith("#frame=0") else "the file is missing") from None
    except (OSError, ValueError) as fault:
        raise Unreadable(f"it cannot be opened ({getattr(fault, 'strerror', None) or 'not a file name'})") from None
    if not data:
        raise Unreadable(unusual or "the file is empty")
    return data


def decode(data: bytes, view: View = AS_FILED) -> NDArray[np.uint8]:
    """The picture in the bytes of a file, as `read` gives it; the first bytes say which decoder is meant."""
    if data.startswith(npz.MAGIC):
        return npz.decode(data)
    return dicom.decode(data, view) if dicom.is_dicom(data) else raster.decode(data)


def pixel_hash(image: NDArray[np.uint8]) -> str:
    """SHA-256 of shape and pixels; a grey picture stored as RGB has the hash of the grey one."""
    if image.ndim == 3 and (image[..., 0] == image[..., 1]).all() and (image[..., 1] == image[..., 2]).all():
        image = image[..., 0]
    told = hashlib.sha256(repr(image.shape).encode())
    told.update(np.ascontiguousarray(image).data)
    return told.hexdigest()


def _frame(file: str, named: Place) -> bytes:
    """One frame as a file of its own; the last file that a frame was asked of stays in memory."""
    whole = file.rpartition("#")[0]
    try:
        changed = Path(named.path).stat().st_mtime_ns
    except (OSError, ValueError):
        changed = 0
    with _opening:
        header = _opened(whole, changed)
        return dicom.single(header, named.frame)


@lru_cache(maxsize=1)
def _opened(file: str, changed: int) -> Dataset:
    """`changed` is part of the key, so that a rewritten file is read again."""
    data = fetch(file)
    if not dicom.is_dicom(data):
        raise Unreadable("a frame is named, and only DICOM files have frames")
    return dicom.dataset(data)


def _unusual(found: os.stat_result) -> str:
    """Why a path is not read at all; blank for an ordinary file of ordinary size."""
    if stat.S_ISDIR(found.st_mode):
        return "a folder, not a file"
    if not stat.S_ISREG(found.st_mode):
        return "a pipe or a device, not a file"
    return f"the file is larger than {BYTES_LIMIT >> 30} GiB" if found.st_size > BYTES_LIMIT else ""
