"""Images that nobody labelled, as a catalog: files, or folders of them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from overread.catalog import Catalog, Target
from overread.errors import UserError

HIDDEN = (".", "__MACOSX", "Thumbs.db")


def unlabelled(images: Sequence[str], targets: dict[str, Target]) -> Catalog:
    """A row a file, in the order given; of a folder every file below it, by name.

    Raises
    ------
    UserError
        No such file or folder, or a folder without a file.
    """
    files = [file for named in images for file in _files(Path(named))]
    frame = pd.DataFrame({"row": [str(i) for i in range(len(files))], "image": [str(f) for f in files], "file": [str(f.resolve()) for f in files]})
    return Catalog(frame.assign(**dict.fromkeys(targets, pd.Series(pd.NA, index=frame.index, dtype="str"))), dict(targets), source=" ".join(images))


def _files(named: Path) -> list[Path]:
    if named.is_file():
        return [named]
    if not named.is_dir():
        raise UserError("no such file or folder", str(named), "name images, or a folder of them")
    files = sorted(path for path in named.rglob("*") if path.is_file() and not any(part.startswith(HIDDEN) for part in path.relative_to(named).parts))
    if not files:
        raise UserError("the folder holds no file", str(named), "name images, or a folder of them")
    return files
