"""Several splits in which every image is scored once: grouped k-fold, repeated, and leave-one-site-out."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from overread.catalog import Catalog
from overread.errors import UserError
from overread.partition.components import Links
from overread.partition.prepare import Prepared, prepare
from overread.partition.splits import check_disjoint
from overread.partition.stratify import allot, cut_val, require
from overread.recipe import Split


@dataclass(frozen=True)
class Fold:
    """One split of several; `catalog` has train, val (cut from the training part) and test."""

    repeat: int
    fold: int
    name: str
    catalog: Catalog


def folds(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> Iterator[Fold]:
    """The splits of a plan with `folds` or `leave_site_out`; every counted row is in test exactly once a repeat.

    All of them are made, and refused, before the first is given out: no fold fails after others were trained.

    Raises
    ------
    UserError
        A class has too few components for the folds, a row has no site, or there is only one site.
    """
    prepared = prepare(catalog, links)
    held = _by_site(prepared) if plan.leave_site_out else _by_fold(prepared, plan, seed)
    parts = [_parts(prepared, plan, test, name, f"{seed}/{repeat}/{fold}") for repeat, fold, name, test in held]
    joined = prepared.joined[prepared.counted.index] + (_astray(prepared.counted) if plan.leave_site_out else "")
    return (Fold(repeat, fold, name, _settle(prepared, split, joined)) for (repeat, fold, name, _), split in zip(held, parts, strict=True))


def refit(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> Catalog:
    """All rows in train and val, for the model that is kept after cross-validation has scored its kind.

    Raises
    ------
    UserError
        A class has one component only.
    """
    prepared = prepare(catalog, links)
    require(prepared.counted, catalog.targets, 2, "train and val", catalog.source)
    part = allot(prepared.counted, catalog.targets, cut_val(plan), f"refit/{seed}")
    return _settle(prepared, prepared.counted["component"].map(part), prepared.joined[prepared.counted.index])


def inner_folds(fold: Fold, k: int, seed: int) -> pd.Series:
    """The folds within the training part of one fold, for choosing options without looking at its test (nested cross-validation).

    Parameters
    ----------
    fold : one of `folds`; its train and val together are divided anew
    k : number of inner folds

    Returns
    -------
    (m,) str
        The inner fold, "0" to k - 1, of the rows that the outer fold trains on, indexed by `row`; copies are with what they repeat.

    Raises
    ------
    UserError
        A class has too few components there.
    """
    catalog = fold.catalog
    learnt = catalog.part("train", "val").frame
    require(learnt, catalog.targets, k, f"{k} inner folds of {fold.name}", catalog.source, lambda few: f"{few} inner folds" if few > 1 else None)
    part = allot(learnt, catalog.targets, {str(i): 1 / k for i in range(k)}, f"inner/{seed}/{fold.repeat}/{fold.fold}")
    rows = catalog.frame[catalog.frame["split"].isin(["train", "val"])].set_index("row")
    return rows["component"].map(part)


Held = list[tuple[int, int, str, pd.Series]]
"""Repeat, fold, name, and a mask over the counted rows: those in test."""


def _by_fold(prepared: Prepared, plan: Split, seed: int) -> Held:
    counted, targets, k = prepared.counted, prepared.catalog.targets, plan.folds or 0
    need = 4 if k == 2 else k  # half of a class's components must still do for both train and val
    require(counted, targets, need, f"{k} folds", prepared.catalog.source, lambda few: f"{few} folds (--set split.folds={few})" if few > 2 else None)
    held = []
    for repeat in range(plan.repeats):
        fold = counted["component"].map(allot(counted, targets, {str(i): 1 / k for i in range(k)}, f"fold/{seed}/{repeat}"))
        again = f"repeat {repeat + 1}, " if plan.repeats > 1 else ""
        held += [(repeat, i, f"{again}fold {i + 1} of {k}", fold == str(i)) for i in range(k)]
    return held


def _by_site(prepared: Prepared) -> Held:
    counted, source = prepared.counted, prepared.catalog.source
    blank = int((counted["site"] == "").sum())
    if blank == len(counted):
        raise UserError("no image has a site", f"{source}, split.leave_site_out", "name the column (?site=...), or use folds (--set split.folds=5)")
    if blank:
        example = counted.loc[counted["site"] == "", "row"].iloc[0]
        raise UserError(
            f"{blank} of {len(counted)} images have no site, e.g. row {example}", f"{source}, column site", "fill it in, or drop these rows"
        )
    home = _home(counted)
    sites = sorted(home.unique())
    if len(sites) < 2:
        every = counted["site"].nunique()
        words = "all images are of one site," if every == 1 else f"there are {every} sites, but every component is mostly of"
        raise UserError(f"{words} {sites[0]!r}", f"{source}, column site", "use folds (--set split.folds=5)")
    return [(0, i, f"site {site}", home == site) for i, site in enumerate(sites)]


def _home(counted: pd.DataFrame) -> pd.Series:
    """(m,) str: the site that most rows of each row's component are of, the first by name if several tie."""
    votes = counted.groupby(["component", "site"]).size().reset_index(name="rows").sort_values(["rows", "site"], ascending=[False, True])
    return counted["component"].map(votes.drop_duplicates("component").set_index("component")["site"])


def _astray(counted: pd.DataFrame) -> pd.Series:
    """(m,) str: the words for a component that lies at several sites; blank for the others."""
    sites = counted.groupby("component")["site"].transform("nunique")
    return (", at " + sites.astype("str") + " sites, held out with site " + _home(counted)).where(sites > 1, "")


def _parts(prepared: Prepared, plan: Split, test: pd.Series, name: str, seed: str) -> pd.Series:
    """(m,) str: test where the mask says so, the rest cut into train and val."""
    catalog, rest = prepared.catalog, prepared.counted[~test]
    require(rest, catalog.targets, 2, f"train and val beside {name}", catalog.source, lambda few: "more folds" if plan.folds else "folds, not sites")
    part = allot(rest, catalog.targets, cut_val(plan), f"val/{seed}")
    return prepared.counted["component"].map(part).fillna("test")


def _settle(prepared: Prepared, split: pd.Series, joined: pd.Series) -> Catalog:
    return check_disjoint(prepared.settle(split, split + ": " + joined))
