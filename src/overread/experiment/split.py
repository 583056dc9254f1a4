"""An honest split of a source, for any trainer: its own rows, with split, component and why."""

from pathlib import Path

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.base import read
from overread.experiment.gather import rejections, scan_all
from overread.experiment.output import check_table, write_table
from overread.experiment.result import Result
from overread.imaging.fit import Fitting
from overread.partition import folds as make_folds
from overread.partition import grade, grade_sentence, partition, sample_size
from overread.recipe import Runtime, Split

OWN = ("row", "file", "source", "bytes_sha", "pixel_sha")
"""Columns of the house that tell a trainer nothing."""


def split(source: str, out: Path, *, seed: int = 0, folds: int | None = None) -> Result:
    """Split a source by component and write its rows.

    Parameters
    ----------
    source : str
        ``reader:path[?key=value&...]``
    out : Path
        The table to write, .csv or .parquet: the source's rows in their order with `split`, `component`, `why` and `copy_of`, and
        `published`, the split that the source came with. Rows that cannot be read have a blank split and the reason.
    folds : int, optional
        Also a column `fold` (0 to folds - 1): the fold in which a row is tested, blank for rows that take no part.

    Raises
    ------
    UserError
        The source, the split or the output cannot be.
    """
    check_table(out)
    given = read([source])
    found, rejected = scan_all(given, Fitting(224), Runtime())
    parted, findings = partition(found, Split(), seed)
    table = _rows(given, parted, rejected)
    if folds:
        table = table.merge(_fold_of(found, folds, seed), on="row", how="left")
    table = table.drop(columns=[name for name in OWN if name in table])
    write_table(table, out)
    counted = parted.frame[parted.frame["copy_of"] == ""]
    planned, found_grade = sample_size(parted), grade(parted)
    shares = {part: int((counted["split"] == part).sum()) for part in ("train", "val", "test")}
    return Result(
        content={"table": str(out), "images": shares, "grade": found_grade, "rejected": len(rejected), "sample_size": planned},
        words=[
            ", ".join(f"{part} {n:,}" for part, n in shares.items()) + f" images; {len(rejected)} files rejected",
            f"{found_grade}: {grade_sentence(found_grade)}",
            *planned["sentences"],
            f"split: {out}",
        ],
        findings=[*findings, *rejections(rejected, out.name)],
    )


def _rows(given: Catalog, parted: Catalog, rejected: pd.DataFrame) -> pd.DataFrame:
    """The source's rows in their order, with what became of each."""
    made = parted.frame.set_index("row")[["split", "published", "component", "why", "copy_of"]]
    table = given.frame.drop(columns=list(made)).join(made, on="row").fillna(dict.fromkeys(made, ""))
    reason = table["row"].map(rejected.set_index("row")["reason"])
    return table.assign(why=table["why"].mask(reason.notna(), "rejected: " + reason.astype("str")))


def _fold_of(found: Catalog, folds: int, seed: int) -> pd.DataFrame:
    tested = [
        pd.DataFrame({"row": fold.catalog.frame.loc[fold.catalog.frame["split"] == "test", "row"], "fold": fold.fold})
        for fold in make_folds(found, Split(folds=folds), seed)
    ]
    return pd.concat(tested).astype({"fold": "Int64"})
