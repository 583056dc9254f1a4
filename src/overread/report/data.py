"""What the data were: how many rows came in, which were left out and why, and where the rest went."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from overread.catalog import FACT
from overread.report.folder import Folder

PARTS = ("train", "val", "test")

SAME = {
    r"^conflicting labels:.*": "same pixels as another row, but another label",
    r"copy of row .+, counted": "copy of another row, counted",
    r"of \d+ rows": "of several rows",
}
"""What one row's reason shares with the next: pattern to words."""


MODES = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "I;16": "grey of 16 bits",
    "RGB": "colour",
    "RGBA": "colour with transparency",
}
"""Pillow's modes in words; another one stands as it is."""


@dataclass(frozen=True)
class Data:
    """Counts of a catalog, ready to print.

    Attributes
    ----------
    flow : (what, rows) pairs, from the rows listed to the rows that count
    rejected, excluded : reason to rows
    classes : target to one row a class: name, then per part images and components
    sources : one row a source: name, rows, then rows a class of the first target
    facts : what the files say of themselves, in words
    """

    flow: list[tuple[str, int]]
    rejected: dict[str, int]
    rejected_rows: dict[str, list[str]]
    excluded: dict[str, int]
    classes: dict[str, pd.DataFrame]
    parts: list[str]
    sources: pd.DataFrame
    facts: list[tuple[str, str]]
    keys: dict[str, int]
    covariates: list[str]
    source: str


def data(folder: Folder) -> Data | None:
    """The counts of a folder's catalog; None where it has none."""
    if folder.catalog is None:
        return None
    frame = folder.catalog.frame
    rejected = folder.rejected if folder.rejected is not None else pd.DataFrame(columns=["row", "image", "reason"])
    split_made = bool((frame["split"] != "").any())
    copies = frame["copy_of"] != ""
    left_out = ~copies & (frame["split"] == "") if split_made else pd.Series(False, index=frame.index)
    counted = frame[~copies & ~left_out]
    parts = [name for name in PARTS if (counted["split"] == name).any()]
    return Data(
        flow=[
            ("rows listed by the source", len(frame) + len(rejected)),
            ("could not be read", -len(rejected)),
            ("repeat the pixels of another row, which counts once", -int(copies.sum())),
            ("left out of every part", -int(left_out.sum())),
            ("images that count", len(counted)),
        ],
        rejected=_reasons(rejected["reason"]),
        rejected_rows={str(reason): list(rows) for reason, rows in rejected.groupby("reason")["row"]},
        excluded=_reasons(frame.loc[left_out, "why"]),
        classes={name: _by_class(counted, name, list(target.classes), parts) for name, target in folder.catalog.targets.items()},
        parts=parts,
        sources=_by_source(frame, next(iter(folder.catalog.targets), None)),
        facts=_facts(frame),
        keys={key: int(frame.loc[frame[key] != "", key].nunique()) for key in ("patient", "study", "group", "site", "component")},
        covariates=folder.catalog.covariates,
        source=folder.catalog.source,
    )


def alike(reasons: dict[str, int]) -> dict[str, int]:
    """Reasons that differ only in a row's name, a number of rows or a class taken together, the most frequent first."""
    counts = pd.Series(reasons, dtype=int)
    kinds = counts.index.to_series().astype(str).replace(SAME, regex=True).replace("", "no reason given")
    return {str(kind): int(rows) for kind, rows in counts.groupby(kinds).sum().sort_values(ascending=False).items()}


def _reasons(reasons: pd.Series) -> dict[str, int]:
    return alike({str(reason): int(rows) for reason, rows in reasons.value_counts().items()})


def _by_class(frame: pd.DataFrame, target: str, classes: list[str], parts: list[str]) -> pd.DataFrame:
    """One row a class (and one for unknown labels), columns `<part> images`, `<part> components` and the same for all."""
    labels = frame[target].fillna("label unknown").astype(str)
    columns: dict[str, Any] = {}
    for part in [*parts, "all"]:
        rows = frame if part == "all" else frame[frame["split"] == part]
        within = rows.groupby(labels.loc[rows.index])["component"]
        columns[f"{part} images"] = within.size()
        columns[f"{part} components"] = within.nunique()
    order = [*classes, *(["label unknown"] if (labels == "label unknown").any() else [])]
    return pd.DataFrame(columns).reindex(order).fillna(0).astype(int)


def _by_source(frame: pd.DataFrame, target: str | None) -> pd.DataFrame:
    """One row a source: its rows, and its rows a class."""
    table = frame.groupby("source").size().to_frame("rows")
    if target:
        table = table.join(pd.crosstab(frame["source"], frame[target].fillna("label unknown").astype(str)))
    return table.fillna(0).astype(int)


def _facts(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Sizes, formats and modes of the files, in words."""
    said = []
    width, height = f"{FACT}width", f"{FACT}height"
    if width in frame and height in frame:
        edges = [f"{frame[column].median():.0f} ({frame[column].min():.0f} to {frame[column].max():.0f})" for column in (width, height)]
        said.append(("width and height, pixels: median (range)", " by ".join(edges)))
    for name in ("format", "mode", "make", "model"):
        seen = (
            frame[FACT + name].replace("", pd.NA).dropna().replace(MODES if name == "mode" else {}).value_counts()
            if FACT + name in frame
            else pd.Series(dtype=int)
        )
        if len(seen):
            rest = f" and {len(seen) - 6} more" if len(seen) > 6 else ""
            said.append((name, ", ".join(f"{value} {rows:,}" for value, rows in seen.head(6).items()) + rest))
    return said
