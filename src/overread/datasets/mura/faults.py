"""What folders and tables lack, or say differently, in a sentence each: counts and body parts, the first place, no patient."""

from collections.abc import Iterator, Mapping
from itertools import permutations

import pandas as pd

from overread.catalog import CONTRADICTION
from overread.datasets.mura.layout import REGIONS, SPLITS
from overread.datasets.mura.lists import Listed


def describe(found: pd.DataFrame, said: pd.DataFrame, listed: Mapping[str, Listed], labelled: Mapping[str, Listed], strange: int) -> tuple[str, ...]:
    """Every fault there is, the tables' first.

    Parameters
    ----------
    found : a row an image: what its path says (see `layout`), whether it `exists`, its `line` in the table of its split (missing if none);
        the index is its row
    said : every label that anything gives a study: `folder`, `split`, `body_part`, `label`
    listed, labelled : the tables of images and of studies, by split
    strange : files and folders where the layout has none
    """
    told = [_plural(strange, "file or folder", "files or folders") + " where MURA has none: left out"] * bool(strange)
    for split in SPLITS:
        rows = found[found["split"] == split]
        if rows.empty:
            told.append(f"there is no image of {split}")
            continue
        told += [*_of_table(listed[split]), *_of_table(labelled[split]), *_of_images(rows, listed[split])]
        told += _of_studies(rows, said[said["split"] == split], labelled[split])
    return tuple(f"{one[0].upper()}{one[1:]}." for one in [*told, *_of_parts(found)])


def _of_table(table: Listed) -> Iterator[str]:
    if not table.exists:
        yield f"the table {table.name} is missing: the folders are believed"
    for lines, what in (
        (table.outside, "pointing out of the folder: refused"),
        (table.strange, "of no such form, or of another split: left out"),
        (table.again, "repeating another: counted once"),
    ):
        if lines:
            yield f"{_plural(len(lines), 'line')} of {table.name} {what} (first: line {lines[0]})"


def _of_images(rows: pd.DataFrame, table: Listed) -> Iterator[str]:
    gone, unlisted = rows[~rows["exists"]], rows[rows["line"].isna()]
    if len(gone):
        place = f"line {int(gone['line'].min())}"
        yield f"{_plural(len(gone), 'image')} of {table.name} without a file: rejected when images are read {_where(gone, place)}"
    if len(unlisted) and table.exists:
        yield f"{_plural(len(unlisted), 'file')} without a line in {table.name}: read all the same {_where(unlisted)}"


def _of_studies(rows: pd.DataFrame, said: pd.DataFrame, table: Listed) -> Iterator[str]:
    first = rows.assign(suffix=rows.groupby("folder")["suffix"].transform("first")).drop_duplicates("folder")
    words = first["folder"].map(said.groupby("folder")["label"].nunique()).fillna(0)
    split = first["split"].iloc[0]
    torn, bare = first[words > 1], first[first["suffix"].isna()]
    if len(torn):
        yield f"the {CONTRADICTION} in {_plural(len(torn), 'study', 'studies')} of {split}: taken as unknown {_where(torn)}"
    if len(bare):
        known = int((words[bare.index] == 1).sum())
        rest = ", the rest unknown" * (known < len(bare))
        told = f"{known:,} labelled by {table.name}{rest}" if known else "their label is unknown"
        yield f"{_plural(len(bare), 'study', 'studies')} of {split} in a folder without a label in its name: {told} {_where(bare)}"
    unlisted = first[first["suffix"].notna() & ~first["folder"].isin(table.rows["folder"])]
    if len(unlisted) and table.exists:
        yield f"{_plural(len(unlisted), 'study', 'studies')} without a line in {table.name}: the folder's name is believed {_where(unlisted)}"
    empty = table.rows[~table.rows["folder"].isin(first["folder"])]
    if len(empty):
        place = f"line {int(empty['line'].min())}"
        yield f"{_plural(len(empty), 'study', 'studies')} of {table.name} without an image {_where(empty, place)}"


def _of_parts(found: pd.DataFrame) -> Iterator[str]:
    there = found[found["exists"]]
    parts = {split: set(there.loc[there["split"] == split, "body_part"]) for split in SPLITS}
    for one, other in permutations(SPLITS):
        if parts[other] and (absent := sorted(parts[one] - parts[other])):
            yield f"{other} lacks a body part that {one} has: {', '.join(absent)}"
    unknown = found[~found["body_part"].isin(REGIONS)]
    if len(unknown):
        yield f"{_plural(len(unknown), 'image')} of none of MURA's seven body parts {_where(unknown)}"


def _where(rows: pd.DataFrame, place: str | None = None) -> str:
    """How many a body part, and where the first is."""
    counts = ", ".join(f"{part} {n:,}" for part, n in rows["body_part"].value_counts().sort_index().items())
    return f"({counts}; first: {place or f'row {rows.index[0]}'})"


def _plural(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"
