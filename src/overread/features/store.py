"""Features that were computed once, kept by what they depend on: a folder of files that are only ever added, or put together into one."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from overread.errors import UserError
from overread.features.segment import VERSION, Damaged, Segment, write
from overread.imaging.cache import default_folder
from overread.progress import note
from overread.run.files import write_json
from overread.run.lock import alone

MOST = 16
"""Files of a folder; when there are more, they are put together."""

LARGE = 2**28
"""Bytes of a file that is not put together with others any more."""


class Store:
    """Rows of numbers by the name of a picture.

    Whoever writes adds a file of his own, so that any number of processes may; one that is killed leaves whole files. Files are put
    together by one process at a time: the joint one is there before its parts go, so that a reader who misses one finds the other.

    Parameters
    ----------
    told : mapping
        All that the rows depend on beside the picture, as JSON; what differs in anything is kept elsewhere.
    width : int
        Numbers in a row.

    Attributes
    ----------
    added : int
        Rows that were appended by this one.
    """

    def __init__(self, told: Mapping[str, Any], width: int) -> None:
        self.told = dict(told)
        self.width = width
        name = hashlib.sha256(json.dumps(self.told, sort_keys=True).encode()).hexdigest()
        self.folder = default_folder() / "features" / f"v{VERSION}" / name[:2] / name
        self.added = 0
        self._worn: set[Path] = set()

    def read(self, names: NDArray[np.bytes_]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """What is kept of some pictures.

        Parameters
        ----------
        names : (n,) bytes of 64, each once

        Returns
        -------
        (n,) bool, which of them are kept
        (n, d) float32, their rows; zeros where nothing is kept
        """
        wanted = dict(zip(names.tolist(), range(len(names)), strict=True))
        found, rows = np.zeros(len(names), bool), np.zeros((len(names), self.width), np.float32)
        for segment in self._segments():
            here = [(place, wanted[name]) for place, name in enumerate(segment.names.tolist()) if name in wanted and not found[wanted[name]]]
            if here:
                places, into = np.array(here, np.intp).T
                sound, values = segment.rows(places)
                if not sound.all():
                    self._damaged(segment.path, f"{(~sound).sum():,} of its rows are damaged")
                rows[into[sound]] = values[sound]
                found[into[sound]] = True
        return found, rows

    def append(self, names: NDArray[np.bytes_], rows: NDArray[np.float32]) -> None:
        """Keep (n, d) float32 rows, as a file of their own.

        Raises
        ------
        UserError
            The folder cannot be written to.
        """
        if len(names):
            with self._writing():
                write(self.folder / f"{uuid4().hex}.features", names, rows)
            self.added += len(names)

    def compact(self) -> None:
        """Put the files together where there are many of them, or damaged ones; nothing if another process is about it."""
        small = [path for path in self._paths() if path in self._worn or _size(path) < LARGE]
        if len(small) <= MOST and not self._worn:
            return
        with self._writing():
            try:
                with alone(self.folder):
                    self._join([path for path in small if path.exists()])
            except UserError:  # it is held
                return

    def refuse(self, why: str) -> None:
        """Remember that this program is not to be used for this network."""
        with self._writing():
            write_json(self.folder / "refused.json", why)

    @property
    def refused(self) -> str:
        """Why it is not to be used; blank if it is."""
        try:
            return str(json.loads((self.folder / "refused.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return ""

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.features"))

    def _segments(self) -> Iterator[Segment]:
        """Every file that can be read, also those that appear meanwhile; one that is gone has become part of another."""
        seen: set[Path] = set()
        while fresh := [path for path in self._paths() if path not in seen]:
            seen.update(fresh)
            for path in fresh:
                try:
                    yield Segment.open(path, self.width)
                except FileNotFoundError:
                    continue
                except Damaged as fault:
                    self._damaged(path, str(fault))

    def _damaged(self, path: Path, how: str) -> None:
        note(f"a file of kept features is not used ({how}), what it held is computed again: {path}")
        self._worn.add(path)

    def _join(self, paths: list[Path]) -> None:
        """One file of all that is sound in these, each picture once; then they go."""
        names, rows, known = [], [], set[bytes]()
        for path in paths:
            try:
                segment = Segment.open(path, self.width)
            except Damaged:
                continue
            fresh = np.array([place for place, name in enumerate(segment.names.tolist()) if name not in known], np.intp)
            sound, values = segment.rows(fresh)
            known.update(segment.names[fresh[sound]].tolist())
            names.append(segment.names[fresh[sound]])
            rows.append(values[sound])
        if known:
            write(self.folder / f"{uuid4().hex}.features", np.concatenate(names), np.concatenate(rows))
        for path in paths:
            with suppress(PermissionError):  # Windows, where another process reads it: it goes the next time
                path.unlink(missing_ok=True)
        self._worn.clear()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            about = self.folder / "about.json"
            if not about.exists():
                write_json(about, {**self.told, "width": self.width})
            yield
        except OSError as fault:
            raise UserError(
                f"features cannot be kept: {fault.strerror or fault}",
                str(self.folder),
                "free some space there, or name another folder in OVERREAD_CACHE",
            ) from fault


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return LARGE
