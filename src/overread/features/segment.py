"""One file of kept features, written once and never changed: a header, then names, checksums and rows side by side."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overread.run.files import whole

VERSION = 1
"""Of the layout; a file that says another number is not read."""

HEADER = 256
"""Bytes of JSON, filled up with blanks."""

NAME = np.dtype("S64")
"""A picture's name: the SHA-256 of its pixels in hexadecimal."""


class Damaged(Exception):
    """The file is not what was written; says how."""


@dataclass(frozen=True)
class Segment:
    """An open file of kept features.

    Attributes
    ----------
    path : Path
    names : (n,) bytes of 64
    """

    path: Path
    names: NDArray[np.bytes_]
    _sums: NDArray[np.uint32]
    _rows: NDArray[np.float32]

    @classmethod
    def open(cls, path: Path, width: int) -> "Segment":
        """Map a file into memory; its rows are read when they are asked for.

        Raises
        ------
        Damaged
            Cut off, with a header that does not fit, or with names that were changed.
        FileNotFoundError
            It has become part of another one meanwhile.
        """
        content: NDArray[np.uint8] = np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8)
        try:
            told = json.loads(content[:HEADER].tobytes())
            version, count, wide, check = (int(told[key]) for key in ("version", "count", "width", "check"))
        except (ValueError, KeyError, TypeError):
            raise Damaged("its header is damaged") from None
        if (version, wide) != (VERSION, width) or count < 1:
            raise Damaged("its header does not belong here")
        sums = HEADER + count * NAME.itemsize
        rows = sums + 4 * count
        if len(content) != rows + 4 * count * width:
            raise Damaged("it is cut off" if len(content) < rows + 4 * count * width else "it is too long")
        if zlib.crc32(content[HEADER:rows].tobytes()) != check:
            raise Damaged("its names are damaged")
        return cls(path, content[HEADER:sums].view(NAME), content[sums:rows].view(np.uint32), content[rows:].view(np.float32).reshape(count, width))

    def rows(self, places: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """(k,) whether each of these rows is as it was written, and the (k, d) rows."""
        rows = np.ascontiguousarray(self._rows[places])
        return np.array([zlib.crc32(row) for row in rows], np.uint32) == self._sums[places], rows


def write(path: Path, names: NDArray[np.bytes_], rows: NDArray[np.float32]) -> None:
    """Write a file of (n,) names and their (n, d) rows, whole or not at all."""
    body = names.astype(NAME).tobytes() + np.array([zlib.crc32(row) for row in np.ascontiguousarray(rows)], np.uint32).tobytes()
    told = {"version": VERSION, "count": len(rows), "width": rows.shape[1], "check": zlib.crc32(body)}
    with whole(path) as part, part.open("wb") as file:
        file.write(json.dumps(told).encode().ljust(HEADER))
        file.write(body)
        file.write(np.ascontiguousarray(rows, np.float32).data)
