"""Progress on stderr: a bar where a person watches, nothing where a program does."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")

_shown: ContextVar[bool] = ContextVar("progress_shown", default=False)


@contextmanager
def shown(on: bool = True) -> Iterator[None]:
    """Show bars and notes inside this block (the command line does; the Python API stays silent)."""
    token = _shown.set(on)
    try:
        yield
    finally:
        _shown.reset(token)


def note(words: str) -> None:
    """One line to stderr, where progress is shown."""
    if _shown.get():
        print(words, file=sys.stderr, flush=True)


def track(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items, with a bar named `what` once progress is shown."""
    if not _shown.get():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track as bar

    console = Console(stderr=True)
    yield from bar(items, description=what, total=total, console=console, transient=True, disable=not console.is_terminal)
