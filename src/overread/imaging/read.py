"""One file, one picture: upright 8-bit pixels, whatever the format, depth, mode or extension."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overread.imaging import npz, raster
from overread.imaging.unreadable import Unreadable as Unreadable


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
        Missing, a folder, empty, or not permitted.
    """
    container, mark, member = file.rpartition("#")
    if mark and container.lower().endswith(".npz"):
        return npz.member(Path(container), member)
    if not file:
        raise Unreadable("no file is named")
    try:
        data = Path(file).read_bytes()
    except FileNotFoundError:
        raise Unreadable("the file is missing") from None
    except IsADirectoryError:
        raise Unreadable("a folder, not a file") from None
    except (OSError, ValueError) as fault:
        reason = "a folder, not a file" if Path(file).is_dir() else f"it cannot be opened ({getattr(fault, 'strerror', None) or 'not a file name'})"
        raise Unreadable(reason) from None
    if not data:
        raise Unreadable("the file is empty")
    return data


def decode(data: bytes) -> NDArray[np.uint8]:
    """The picture in the bytes of a file, as `read` gives it; the first bytes say which decoder is meant."""
    return npz.decode(data) if data.startswith(npz.MAGIC) else raster.decode(data)


def pixel_hash(image: NDArray[np.uint8]) -> str:
    """SHA-256 of shape and pixels; a grey picture stored as RGB has the hash of the grey one."""
    if image.ndim == 3 and (image[..., 0] == image[..., 1]).all() and (image[..., 1] == image[..., 2]).all():
        image = image[..., 0]
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()
