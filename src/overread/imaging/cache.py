"""Decoded, fitted pictures kept on disk by their content, so that each is decoded once, whoever asks and under whatever name."""

import json
import os
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from overread.errors import UserError
from overread.imaging.dicom.view import AS_FILED, View
from overread.imaging.fit import Fitting, in_colour

VERSION = 1
"""Part of every entry's path; raise it whenever reading, fitting or facts change, and old entries are no longer found."""

HEADER = 4


class Cache:
    """A folder of entries named by the SHA-256 of an image file's content.

    An entry is a checksum and its payload. It is written under another name and moved into place, so two processes may share the
    folder; one that is cut off or damaged is taken as absent and made again. Nothing is ever pickled.

    Parameters
    ----------
    folder : Path, optional
        Default: `OVERREAD_CACHE`, else `overread` in the platform's folder for caches.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def picture(self, sha: str, fitting: Fitting) -> NDArray[np.uint8] | None:
        """(size, size, 3) uint8 of the image with that content, or None."""
        payload = self._get(f"{sha}.{fitting.key}")
        area = fitting.size**2
        if payload is None or len(payload) not in {area, 3 * area}:
            return None
        square = np.frombuffer(payload, np.uint8)
        if len(square) == 3 * area:
            return square.reshape(fitting.size, fitting.size, 3).copy()
        return in_colour(square.reshape(fitting.size, fitting.size))

    def has_picture(self, sha: str, fitting: Fitting) -> bool:
        """Whether a whole picture is there, told by its size alone."""
        area = fitting.size**2
        try:
            return self._path(f"{sha}.{fitting.key}").stat().st_size - HEADER in {area, 3 * area}
        except OSError:
            return False

    def keep_picture(self, sha: str, fitting: Fitting, square: NDArray[np.uint8]) -> None:
        """Store a fitted picture; one of three equal channels takes the room of one."""
        first, *others = cv2.split(square)
        grey = all(np.array_equal(first, other) for other in others)
        self._put(f"{sha}.{fitting.key}", (first if grey else np.ascontiguousarray(square)).tobytes())

    def facts(self, sha: str, view: View = AS_FILED) -> dict[str, Any] | None:
        """What was kept of the image with that content, seen in that way, or None."""
        payload = self._get(_facts(sha, view))
        return None if payload is None else dict(json.loads(payload))

    def keep_facts(self, sha: str, facts: dict[str, Any], view: View = AS_FILED) -> None:
        self._put(_facts(sha, view), json.dumps(facts).encode())

    def answer(self, key: str) -> Any:
        """What was kept as JSON under a key, the SHA-256 of all that it depends on, or None."""
        payload = self._get(f"{key}.answer")
        return None if payload is None else json.loads(payload)

    def keep_answer(self, key: str, value: Any) -> None:
        self._put(f"{key}.answer", json.dumps(value).encode())

    def _path(self, name: str) -> Path:
        return self.folder / f"v{VERSION}" / name[:2] / name

    def _get(self, name: str) -> bytes | None:
        try:
            entry = self._path(name).read_bytes()
        except OSError:
            return None
        payload = entry[HEADER:]
        return payload if entry[:HEADER] == _checksum(payload) else None

    def _put(self, name: str, payload: bytes) -> None:
        path = self._path(name)
        part = path.with_name(f".{uuid4().hex}.part")
        try:
            try:
                _write(part, _checksum(payload) + payload)
                _move(part, path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as fault:
            raise UserError(
                f"the image cache cannot be written: {fault.strerror or fault}",
                str(self.folder),
                "free some space there, or name another folder in OVERREAD_CACHE",
            ) from fault


def default_folder() -> Path:
    """`OVERREAD_CACHE`, or `overread` in the platform's folder for caches."""
    named = os.environ.get("OVERREAD_CACHE")
    return Path(named) if named else user_cache_path("overread", appauthor=False)


def _facts(sha: str, view: View) -> str:
    return ".".join(filter(None, (sha, view.key, "facts")))


def _checksum(payload: bytes) -> bytes:
    return zlib.crc32(payload).to_bytes(HEADER, "little")


def _write(part: Path, entry: bytes) -> None:
    """Write a file, and the folder it lies in where that is not there yet: it is, but for the first of 256 entries."""
    try:
        part.write_bytes(entry)
    except FileNotFoundError:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(entry)


def _move(part: Path, path: Path) -> None:
    """Put an entry in its place; where Windows refuses because another process reads the same entry, that one is as good."""
    try:
        part.replace(path)
    except PermissionError:
        if not path.exists():
            raise
