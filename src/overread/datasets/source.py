"""Where data come from, in one string: ``reader:path?key=value&key=value``."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from overread.errors import UserError
from overread.registry import DATASETS

OPTIONS = re.compile(r"[A-Za-z_]+=[^&]*(&[A-Za-z_]+=[^&]*)*")


@dataclass(frozen=True)
class Source:
    """A parsed source; `path` is None where the reader has a place of its own, `text` is what the user wrote."""

    reader: str
    path: Path | None
    options: dict[str, str]
    text: str


def parse(text: str) -> Source:
    """Take a source apart.

    The path is taken as it stands if it exists, so it may hold ``?``, ``&``, ``%`` and, on Windows, a drive's colon; otherwise what
    follows a ``?`` is options. Values (and a path that is not found otherwise) may be percent-encoded, e.g. ``%26`` for ``&``.

    Raises
    ------
    UserError
        No reader or an unknown one, or an option that is not ``key=value`` or is given twice.
    """
    reader, colon, rest = text.partition(":")
    if not colon or len(reader) < 2 or _exists(Path(text)):
        raise UserError(f"{text!r} does not say how to read it", "--data", f"put a reader in front: {_likely(Path(text))}:{text}")
    try:
        published = DATASETS.get(reader)
    except UserError as fault:
        raise UserError(f"unknown reader {reader!r}", text, fault.mend) from None
    path, options = _halves(rest)
    if not path and not published.Options.pathless:
        raise UserError("no path is given", text, f"write {reader}:PATH")
    return Source(reader, _found(path) if path else None, _options(options, text), text)


def _halves(rest: str) -> tuple[str, str]:
    """Path and options: cut at the first mark before which something exists, else at the first that options follow."""
    marks = [at for at, letter in enumerate(rest) if letter == "?"]
    if not marks or _exists(_found(rest)):
        return rest, ""
    cuts = [(rest[:at], rest[at + 1 :]) for at in marks]
    there = [cut for cut in cuts if _exists(_found(cut[0]))]
    like = [cut for cut in cuts if OPTIONS.fullmatch(cut[1])]
    return (there or like or cuts)[0]


def _found(text: str) -> Path:
    """The path as it stands, or decoded if only that exists."""
    path, decoded = Path(text).expanduser(), Path(unquote(text)).expanduser()
    return decoded if _exists(decoded) and not _exists(path) else path


def _exists(path: Path) -> bool:
    """Whether it is there; a text too long for a name (with its options) is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _options(text: str, where: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in filter(None, text.split("&")):
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise UserError(f"option {part!r} is not key=value", where, "write ?key=value&key=value; an & inside a value is %26")
        if key in options:
            raise UserError(f"option {key!r} is given twice", where, "give it once")
        options[key] = unquote(value)
    return options


def _likely(path: Path) -> str:
    """The reader a bare path probably needs."""
    if path.suffix.lower() in {".csv", ".tsv", ".parquet", ".xlsx"}:
        return "table"
    return "medmnist" if path.suffix.lower() == ".npz" else "folder"
