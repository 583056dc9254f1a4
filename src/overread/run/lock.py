"""One process at a time in a run folder. The operating system holds the lock, so it lets go when the process dies, however it dies."""

import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from overread.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".lock"
"""The file that is locked; one that a kill left lying locks nobody out."""

HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""What a system answers when another process holds the lock; any other answer says that this file system knows no locks."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for the length of a block.

    Raises
    ------
    UserError
        Another process holds it.
    """
    path = folder / LOCK
    handle = _hold(path)
    try:
        os.truncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {platform.node()}".encode())
        yield
    finally:
        if sys.platform != "win32":  # which removes no open file
            path.unlink(missing_ok=True)
        os.close(handle)


def _hold(path: Path) -> int:
    """The lock file, open and locked."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _locked(handle):
            holder = os.read(handle, 200).decode(errors="replace") or "another process"
            os.close(handle)
            raise UserError(f"{holder} is at work in this folder", str(path.parent), "let it finish, or end it first")
        if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
            return handle
        os.close(handle)  # it was removed between opening and locking, by a process that ended


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the text, which others may then read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        return fault.errno not in HELD
    return True
