"""MURA's four tables, line by line: what fits the layout is kept with its number, the rest is counted and told."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from overread.datasets.mura.layout import take_apart

IMAGES, STUDIES = "_image_paths.csv", "_labeled_studies.csv"

OUTSIDE = r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|$)"
"""A path that would leave the folder."""


@dataclass(frozen=True)
class Listed:
    """One table.

    Attributes
    ----------
    name : of the file
    exists : whether it is there
    rows : its sound lines, each path once: what the path says (see `layout`), `path`, `line` (from 1) and, of studies, `says` (the label)
    outside, strange, again : numbers of the other lines: those that point out of the folder, that are no path of this split, that repeat one
    """

    name: str
    exists: bool
    rows: pd.DataFrame
    outside: list[int]
    strange: list[int]
    again: list[int]


def images(root: Path, split: str) -> Listed:
    """The table of a split's image paths."""
    return _listed(root / f"{split}{IMAGES}", split, _image)


def studies(root: Path, split: str) -> Listed:
    """The table of a split's studies and labels; `path` is the study's folder without its label, and may stand with two labels."""
    return _listed(root / f"{split}{STUDIES}", split, _study)


def _image(lines: pd.Series) -> pd.DataFrame:
    path = _below(lines)
    return take_apart(path).assign(path=path)


def _study(lines: pd.Series) -> pd.DataFrame:
    cells = lines.str.extract(r"^(?P<study>.*?),\s*(?P<label>[01])$")
    told = take_apart(_below(cells["study"]), "/?")
    return told.assign(path=told["folder"], says=cells["label"].map({"0": "negative", "1": "positive"}))


def _below(paths: pd.Series) -> pd.Series:
    """Paths from the folder that holds train and valid: without what stands before, usually MURA-v1.1."""
    return paths.str.strip().str.replace(r"^[^/]+/(?=(?:train|valid)/)", "", regex=True)


def _listed(file: Path, split: str, read: Callable[[pd.Series], pd.DataFrame]) -> Listed:
    exists = file.is_file()
    words = file.read_bytes().decode("utf-8-sig", errors="replace").splitlines() if exists else []
    lines = pd.Series(words, index=range(1, len(words) + 1), dtype="str").str.strip().str.replace('"', "")
    lines = lines[lines != ""]
    outside = lines.str.replace("\\", "/", regex=False).str.contains(OUTSIDE, regex=True)
    rows = read(lines).assign(line=lines.index)
    sound = ~outside & (rows["split"] == split)
    kept = rows[sound]
    again = kept.duplicated(["path", "says"] if "says" in kept else ["path"])
    numbers = (chosen.index.tolist() for chosen in (lines[outside], lines[~outside & ~sound], kept[again]))
    return Listed(file.name, exists, kept[~again], *numbers)
