"""Images inside a zip archive, read in memory: ``study.zip#series/film.dcm``; nothing is ever unpacked to disk."""

import lzma
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from overread.imaging.unreadable import Unreadable

DAMAGE = (BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError)
"""What `zipfile` raises on archives that are damaged, or packed or locked in a way it does not know."""

ENCRYPTED = 1
"""Bit of a member's flags."""


def archive(path: Path) -> ZipFile:
    """An open archive; the last four asked for stay open, and may be read by several threads.

    Raises
    ------
    Unreadable
        It is missing, or is no whole zip archive.
    """
    try:
        return _open(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise Unreadable("the archive is missing") from None
    except DAMAGE as fault:
        raise Unreadable("not a zip archive, or one that is cut off") from fault


def members(path: Path) -> list[str]:
    """Names of an archive's files in their order, folders left out.

    Raises
    ------
    Unreadable
        Not an archive, or one with two members of one name: only the last of them could be had.
    """
    names = [info.filename for info in archive(path).infolist() if not info.is_dir()]
    if len(set(names)) < len(names):
        raise Unreadable("the archive holds two members of one name")
    return names


def member(path: Path, name: str, limit: int) -> bytes:
    """The content of one member.

    Parameters
    ----------
    limit : most bytes it may have unpacked; no more than these are ever unpacked, whatever the archive says

    Raises
    ------
    Unreadable
        No such member, one that points outside its archive, is locked, damaged, packed in an unknown way, empty or too large.
    """
    with stream(path, name) as packed:
        data = packed.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"the archive's member is larger than {limit >> 30} GiB")
    if not data:
        raise Unreadable("the archive's member is empty")
    return data


@contextmanager
def stream(path: Path, name: str) -> Iterator[IO[bytes]]:
    """One member to read from; what goes wrong inside the block with its packing is told as unreadable."""
    opened = archive(path)
    try:
        info = opened.getinfo(name)
    except KeyError:
        raise Unreadable("the archive has no such member") from None
    _check(info)
    try:
        with opened.open(info) as packed:
            yield packed
    except Unreadable:
        raise
    except DAMAGE as fault:
        raise Unreadable("the archive's member is damaged, or packed in a way that is not read") from fault


def _check(info: ZipInfo) -> None:
    """Refuse what is no plain file below the archive's top: who unpacks such an archive writes over files elsewhere."""
    name = info.orig_filename
    steps = PurePosixPath(name.replace("\\", "/"))
    if steps.is_absolute() or PureWindowsPath(name).drive or ".." in steps.parts or stat.S_ISLNK(info.external_attr >> 16):
        raise Unreadable("the archive's member points outside its archive")
    if info.flag_bits & ENCRYPTED:
        raise Unreadable("the archive's member is locked with a password")


@lru_cache(maxsize=4)
def _open(path: str, changed: int) -> ZipFile:
    """`changed` is part of the key, so that a rewritten archive is opened again."""
    return ZipFile(path)
