"""pydicom's warnings about odd files, which are for those who write DICOM, kept from those who read it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_inside: list[warnings.catch_warnings] = []
"""One entry a block that is open now. Filters belong to the whole process, so the first to enter sets them and the last to leave puts them back."""


@contextmanager
def silence() -> Iterator[None]:
    """No warning is shown inside this block, in whatever threads it is open at once."""
    with _lock:
        if not _inside:
            caught = warnings.catch_warnings()
            caught.__enter__()
            warnings.simplefilter("ignore")
            _inside.append(caught)
        else:
            _inside.append(_inside[0])
    try:
        yield
    finally:
        with _lock:
            last = _inside.pop()
            if not _inside:
                last.__exit__(None, None, None)
