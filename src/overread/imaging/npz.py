"""Images inside a NumPy archive: ``images.npz#train_images/12`` is the twelfth of the array `train_images`."""

import io
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from overread.imaging.unreadable import Unreadable
from overread.imaging.window import window

MAGIC = b"\x93NUMPY"

_opening = Lock()


def array(path: Path, key: str) -> NDArray[Any]:
    """One whole array of an archive; the last six asked for stay in memory (images and labels of one set's three parts).

    Raises
    ------
    Unreadable
        No such file or array, not an archive, or an array that would need pickle.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise Unreadable("the archive is missing") from None
    with _opening:
        return _load(str(path), changed, key)


def member(path: Path, name: str) -> bytes:
    """Content of one image of an archive, ``key/index``, as the bytes of a .npy file."""
    key, _, index = name.rpartition("/")
    images = array(path, key)
    if not index.isdecimal() or int(index) >= len(images):
        raise Unreadable(f"the archive's array {key} has no image {index}")
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(images[int(index)]), allow_pickle=False)
    return content.getvalue()


def decode(data: bytes) -> NDArray[np.uint8]:
    """(h, w) or (h, w, 3) uint8 of the bytes of a .npy file."""
    try:
        image = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError) as fault:
        raise Unreadable("a NumPy array that is cut off or needs pickle") from fault
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)) or 0 in image.shape or image.dtype.kind not in "uif":
        raise Unreadable(f"an array of shape {image.shape} and type {image.dtype} is not a picture")
    return image if image.dtype == np.uint8 else window(image)


@lru_cache(maxsize=6)
def _load(path: str, changed: int, key: str) -> NDArray[Any]:
    """`changed` is part of the key, so that a rewritten archive is read again."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile) or key not in archive:
                raise Unreadable(f"the archive has no array {key}")
            loaded: NDArray[Any] = archive[key]
            return loaded
    except (BadZipFile, EOFError, OSError, ValueError) as fault:
        if isinstance(fault, Unreadable):
            raise
        raise Unreadable("not a NumPy archive, or one that is cut off") from fault
