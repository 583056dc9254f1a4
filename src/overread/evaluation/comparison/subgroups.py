"""Which model is the better one in which part of the data: every level of a covariate with its figures, and what its rows can tell."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from overread.catalog import Target
from overread.evaluation.comparison.differences import Scored, differences
from overread.evaluation.comparison.holm import holm
from overread.evaluation.metrics import Metric
from overread.evaluation.scoring import score

LEVELS = (2, 12)
"""Fewest and most levels of a covariate that is told by its levels: one has nothing to compare, and more are a measurement."""

EITHER = 20
"""Rows of a class below which a level is counted and not scored: one case more or less would move its figures by a twentieth."""

UNKNOWN = "unknown"


def levels(column: pd.Series) -> pd.Series | None:
    """A covariate as words, blanks "unknown"; None where it has fewer than 2 or more than 12 levels that are known."""
    known = column.notna() & (column.astype(str).str.strip() != "")
    if not LEVELS[0] <= column[known].nunique() <= LEVELS[1]:
        return None
    words = column.map("{:g}".format, na_action="ignore") if pd.api.types.is_numeric_dtype(column) else column.astype(str)
    return words.where(known, UNKNOWN)


def subgroups(
    models: Mapping[str, Scored], target: Target, level: pd.Series, chosen: Mapping[str, Metric], *, draws: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Compare models within each level of a covariate.

    Parameters
    ----------
    models : name to predictions of the same rows
    target : that they are of
    level : (n,) str, indexed by row, see `levels`
    chosen : from `metrics.metrics`
    draws, seed : of the bootstrap over components

    Returns
    -------
    dict
        JSON-able, by level, numbers first, "unknown" last: ``n`` rows, ``clusters``, ``classes`` {class: rows}, ``table`` {model: {figure:
        {value, low, high, method}}} and ``pairs`` [{one, other, metrics: {figure: difference}}], both empty where any class has fewer than
        20 rows. ``p_holm`` is adjusted over all pairs and levels of a figure: the whole table is one look at the data.
    """
    first = next(iter(models.values()))
    names = list(models)
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(level.unique(), key=_place):
        inside = {name: model.only((level.loc[model.row] == one).to_numpy()) for name, model in models.items()}
        here = inside[names[0]]
        if not len(here.row):
            continue
        rows, at = np.unique(here.row, return_index=True)
        counts = np.bincount(here.cases.truth[at], minlength=first.cases.classes)
        told: dict[str, Any] = {"n": len(rows), "clusters": len(np.unique(here.component)), "table": {}, "pairs": []}
        found[one] = {**told, "classes": {label: int(count) for label, count in zip(target.classes, counts, strict=True)}}
        if counts.min() < EITHER:
            continue
        for name, model in inside.items():
            figures = score(model.cases, model.component, chosen, draws=draws, seed=seed)
            found[one]["table"][name] = {key: figure.to_dict() for key, figure in figures.items()}
        pairs = differences([_numbered(model, here) for model in inside.values()], chosen, draws=draws, seed=seed)
        found[one]["pairs"] = [
            {"one": names[i], "other": names[j], "metrics": {key: figure.to_dict() for key, figure in figures.items()}}
            for (i, j), figures in pairs.items()
        ]
    for key in chosen:
        entries = [pair["metrics"][key] for pair in chain.from_iterable(entry["pairs"] for entry in found.values())]
        for entry, p in zip(entries, holm([entry["p"] for entry in entries]), strict=True):
            entry["p_holm"] = p
    return found


def _numbered(model: Scored, first: Scored) -> Scored:
    """The model with components numbered from 0 within the level, alike for all models."""
    return Scored(model.cases, model.row, np.searchsorted(np.unique(first.component), model.component))


def _place(level: str) -> tuple[bool, float, str]:
    """Numbers by value, then words; the unknown last."""
    number = pd.to_numeric(level, errors="coerce")
    return level == UNKNOWN, float(number) if pd.notna(number) else np.inf, level
