"""One file, one picture: upright 8-bit pixels, whatever the format, depth, mode or extension."""

import hashlib
import os
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overread.imaging import npz, raster
from overread.imaging.unreadable import Unreadable as Unreadable

BYTES_LIMIT = 2**30
"""More than the largest picture within the pixel limit takes uncompressed; a larger file is refused unread."""


def read(file: str) -> NDArray[np.uint8]:
    """Decode one image.

    Parameters
    ----------
    file : str
        A path, or a container's member after ``#`` (``set.npz#train_images/12``).

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
    return decode(fetch(file))


def fetch(file: str) -> bytes:
    """The bytes that hold one image.

    Raises
    ------
    Unreadable
        Missing, empty, too large, not permitted, or no ordinary file (a folder; a pipe or device, which may never end).
    """
    container, mark, member = file.rpartition("#")
    if mark and container.lower().endswith(".npz"):
        return npz.member(Path(container), member)
    if not file:
        raise Unreadable("no file is named")
    try:
        unusual = _unusual(Path(file).stat())
        data = b"" if unusual else Path(file).read_bytes()
    except FileNotFoundError:
        raise Unreadable("the file is missing") from None
    except (OSError, ValueError) as fault:
        raise Unreadable(f"it cannot be opened ({getattr(fault, 'strerror', None) or 'not a file name'})") from None
    if not data:
        raise Unreadable(unusual or "the file is empty")
    return data


def decode(data: bytes) -> NDArray[np.uint8]:
    """The picture in the bytes of a file, as `read` gives it; the first bytes say which decoder is meant."""
    return npz.decode(data) if data.startswith(npz.MAGIC) else raster.decode(data)


def pixel_hash(image: NDArray[np.uint8]) -> str:
    """SHA-256 of shape and pixels; a grey picture stored as RGB has the hash of the grey one."""
    if image.ndim == 3 and (image[..., 0] == image[..., 1]).all() and (image[..., 1] == image[..., 2]).all():
        image = image[..., 0]
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()


def _unusual(found: os.stat_result) -> str:
    """Why a path is not read at all; blank for an ordinary file of ordinary size."""
    if stat.S_ISDIR(found.st_mode):
        return "a folder, not a file"
    if not stat.S_ISREG(found.st_mode):
        return "a pipe or a device, not a file"
    return f"the file is larger than {BYTES_LIMIT >> 30} GiB" if found.st_size > BYTES_LIMIT else ""
