"""An honest split of a source, for any trainer: its own rows, with split, component and why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from overread.audit.data.source import faulty
from overread.catalog import Catalog
from overread.datasets.base import read
from overread.duplicates.links import none
from overread.errors import UserError
from overread.experiment.output import check_table, write_table
from overread.experiment.result import Result
from overread.experiment.rows.gather import near_copies, pairs, rejections, scan_all
from overread.findings import Finding, Severity
from overread.imaging.fit import Fitting
from overread.partition import check_plan, deviation, grade, grade_sentence, inner_folds, partition, repair_cost, sample_size, wished
from overread.partition import folds as make_folds
from overread.recipe import Runtime, Split, check

OWN = ("file", "source")
"""Columns of the house that tell a trainer nothing; hashes stay, since a later catalog is compared with the table by them."""

MADE = ("split", "published", "component", "why", "copy_of", "bytes_sha", "pixel_sha")


def split(source: str, out: Path, *, seed: int = 0, inner: int | None = None, **ways: Any) -> Result:
    """Split a source by component and write its rows.

    Parameters
    ----------
    source : str
        ``reader:path[?key=value&...]``
    out : Path
        The table to write, .csv or .parquet: the source's rows in their order with `split`, `component`, `why` and `copy_of`, and
        `published`, the split that the source came with. Rows that cannot be read have a blank split and the reason. Where near-copies
        were found, they are listed beside it in ``<out's name>.links.csv``.
    inner : int, optional
        With folds: also the folds within the training part of each fold, for nested cross-validation.
    **ways
        Keys of a recipe's `split`: fractions, folds, repeats, leave_site_out, hold_out, published, repair, extend, near_copies.
        With `folds` or `leave_site_out` the table has, beside one fresh split, a column `fold` (`fold_0`, `fold_1`, ... where repeated):
        the fold in which a row is tested, from 0, blank for rows that take no part. `inner` adds a column for each of them, `inner_0`,
        `inner_1`, ... (`inner_<repeat>_<fold>` where repeated): the inner fold of the rows that this fold trains on, blank for the others.

    Raises
    ------
    UserError
        The source, the split or the output cannot be.
    """
    plan = check({"split": ways}, "overread split").split
    several = bool(plan.folds or plan.leave_site_out)
    if inner is not None and not several:
        raise UserError("inner folds are folds within folds", "--inner", "say how many outer ones there are: --folds 5 --inner 5")
    beside = out.with_name(f"{out.stem}.links.csv")
    check_table(out)
    check_table(beside)
    given = read([source])
    check_plan(given, plan)
    found, rejected = scan_all(given, Fitting(224), Runtime())
    links = near_copies(found, Runtime()) if plan.near_copies else none()
    linked = pairs(links)
    single = Split(fractions=plan.fractions, near_copies=plan.near_copies) if several else plan
    parted, findings = partition(found, single, seed, linked)
    table = _rows(given, parted, rejected)
    if several:
        for column in _folds(found, plan, inner, seed, linked):
            table = table.rename(columns={str(column.name): f"{column.name}_given"}).join(column.astype("Int64"), on="row")
    write_table(table.drop(columns=[name for name in OWN if name in table]), out)
    if len(links):
        write_table(_named(links, found), beside)
    counted = parted.frame[parted.frame["copy_of"] == ""]
    planned, found_grade = sample_size(parted), grade(parted)
    shares = {part: int((counted["split"] == part).sum()) for part in ("train", "val", "test")}
    asked = wished(single)
    placed = parted.part(*shares).frame
    content = {
        "table": str(out),
        "images": shares,
        "grade": found_grade,
        "rejected": len(rejected),
        "near_copies": {"sought": plan.near_copies, "pairs": len(links), "table": str(beside) if len(links) else None},
        "sample_size": planned,
        "shares": deviation(placed, placed["split"], parted.targets, asked).round(4).to_dict("records") if asked else None,
        "repair": repair_cost(parted).to_dict("records") if plan.repair else None,
    }
    return Result(
        content=content,
        words=[
            ", ".join(f"{part} {n:,}" for part, n in shares.items()) + f" images; {len(rejected)} files rejected",
            f"{found_grade}: {grade_sentence(found_grade, plan.near_copies)}",
            *planned["sentences"],
            *(f.sentence for f in findings if f.check == "wished-shares" and f.passed),
            *([f"near-copies: {beside}"] if len(links) else []),
            f"split: {out}",
        ],
        findings=[
            *([faulty(given.faults)] if given.faults else []),
            *findings,
            *([_linked(links, len(found))] if len(links) else []),
            *rejections(rejected, out.name),
        ],
    )


def _linked(links: pd.DataFrame, n: int) -> Finding:
    rows = pd.concat([links["row"], links["other"]]).nunique()
    sentence = f"{rows:,} of {n:,} images are near-copies of another ({len(links):,} pairs); each family of them is on one side."
    return Finding("near-copies", "data", Severity.INFO, None, sentence)


def _named(links: pd.DataFrame, found: Catalog) -> pd.DataFrame:
    """The links with the images that their rows are."""
    image = found.frame.set_index("row")["image"]
    named = links.assign(image=links["row"].map(image), other_image=links["other"].map(image))
    return named[["row", "other", "image", "other_image", *(name for name in links if name not in {"row", "other"})]]


def _rows(given: Catalog, parted: Catalog, rejected: pd.DataFrame) -> pd.DataFrame:
    """The source's rows in their order, with what became of each."""
    made = parted.frame.set_index("row")[list(MADE)]
    table = given.frame.drop(columns=list(made)).join(made, on="row").fillna(dict.fromkeys(made, ""))
    reason = table["row"].map(rejected.set_index("row")["reason"])
    return table.assign(why=table["why"].mask(reason.notna(), "rejected: " + reason.astype("str")))


def _folds(found: Catalog, plan: Split, inner: int | None, seed: int, links: list[tuple[str, str]]) -> Iterator[pd.Series]:
    """A column for each repeat, and one for each fold with inner ones; (n,) int, indexed by row."""
    every = list(make_folds(found, plan, seed, links))
    for repeat in range(plan.repeats):
        placed = [fold.catalog.frame.loc[fold.catalog.frame["split"] == "test"].assign(fold=fold.fold) for fold in every if fold.repeat == repeat]
        yield pd.concat(placed).set_index("row")["fold"].rename(f"fold_{repeat}" if plan.repeats > 1 else "fold")
    for fold in every if inner else []:
        name = f"inner_{fold.repeat}_{fold.fold}" if plan.repeats > 1 else f"inner_{fold.fold}"
        yield inner_folds(fold, inner or 0, seed).astype(int).rename(name)
