"""Files that appear whole or not at all, whatever happens while they are written."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PARTS = ".*.part"
"""What a kill leaves lying of files that were being written."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; after the block what was written is on the disk, and one rename has put it in the place of `path`.

    Whoever reads `path` finds the old file or the new one, never half of either, also after a kill, a full disk or a power cut.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write text, whole or not at all."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write JSON, whole or not at all."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
