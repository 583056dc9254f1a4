"""Labels from a table beside the images, as hospitals export them: a row a study, a series, an image or a patient."""

from pathlib import Path, PurePosixPath
from typing import Literal, get_args

import pandas as pd

from overread.datasets.base import text
from overread.datasets.table import cells
from overread.errors import UserError, nearest

Kind = Literal["path", "name", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "AccessionNumber", "PatientID"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a table may know an image by, the finest first: its path, its file's name, or an id of its header."""

IDS = tuple(kind for kind in KINDS if kind[0].isupper())


def by_table(path: Path, label: str, key: str, on: Kind | None, told: pd.DataFrame, where: str) -> pd.Series:
    """The label of every image, missing where the table does not name it.

    Parameters
    ----------
    path : the table
    label, key : its columns
    on : what the key is; of None, whatever most images match
    told : `image`, and the ids of `IDS`, plain

    Raises
    ------
    UserError
        No such table or column, two labels for one key, or a key that no image has.
    """
    table = cells(path)
    for role, column in (("label", label), ("key", key)):
        if column not in table:
            raise UserError(f"there is no column {column!r}", str(path), f"{nearest(column, table.columns)}; ?{role}=COLUMN says which it is")
    given = pd.DataFrame({"key": text(table[key]), "label": text(table[label])}).dropna().drop_duplicates()
    twice = given["key"].duplicated()
    if twice.any():
        raise UserError(
            f"one key has two labels (row {given.index[twice][0] + 2} of the table is the second)", str(path), "mend the table, or choose a finer key"
        )
    names = {kind: _names(told, kind) for kind in ((on,) if on else KINDS)}
    known = {"path": given["key"].str.replace("\\", "/").str.removeprefix("./")}
    found = {kind: name.map(dict(zip(known.get(kind, given["key"]), given["label"], strict=True))).astype("str") for kind, name in names.items()}
    best = max(found, key=lambda kind: found[kind].notna().sum())
    if found[best].isna().all():
        raise UserError(
            f"no image has a key of the column {key!r} (tried {', '.join(names)})", where, "check the column, or name another: ?key=COLUMN, ?on=KIND"
        )
    return found[best]


def _names(told: pd.DataFrame, kind: Kind) -> pd.Series:
    """What each image is known by; a file's name says nothing where several have it, nor does a blank id."""
    if kind == "path":
        return told["image"]
    if kind == "name":
        names = told["image"].map(lambda image: PurePosixPath(image).name)
        return names.mask(names.duplicated(keep=False))
    return text(told[kind])
