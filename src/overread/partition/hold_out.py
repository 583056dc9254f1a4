"""Test is what was made elsewhere or later: the images of chosen sites, or those after a day, and nobody who is also among the others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from overread.catalog import TEXT, Catalog
from overread.datasets.base import text
from overread.errors import UserError, nearest
from overread.findings import Effect, Finding, Severity
from overread.partition.components import Links
from overread.partition.prepare import Placed, prepare
from overread.partition.published import absent
from overread.partition.stratify import allot, cut_val, require
from overread.recipe import CONDITION, Split

COMPARE = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}

CLOSED = {*TEXT} - {"patient", "study", "group", "site"} | {"row"}
"""Columns of the house that nothing is held out by."""

FEW = 30
"""Values of a column that an error lists; more are ids."""


def hold_out(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> Placed:
    """Test is what meets `plan.hold_out`; train and val are cut from the rest by component.

    A component on both sides is tested with its held-out rows; its other rows are excluded, for a model that saw them has seen what it is
    tested on. A row of which it is not known whether it is held out takes no part.

    Raises
    ------
    UserError
        Whatever `meets` refuses; nothing labelled is held out; or a class has fewer than two components outside.
    """
    words = " or ".join(plan.hold_out) if "=" in plan.hold_out[0] and len(plan.hold_out) > 1 else " and ".join(plan.hold_out)
    side = meets(catalog, plan.hold_out)
    prepared = prepare(catalog, links, side=side)
    counted = prepared.counted
    where = f"{catalog.source}, split.hold_out"
    held, rest = side[counted.index] == "held", side[counted.index] == "rest"
    if not held.any():
        raise UserError(f"no labelled image is held out by {words}", where, "choose another value")
    bridge = rest & counted["component"].isin(counted.loc[held, "component"])
    learnt = counted[rest & ~bridge]
    require(learnt, catalog.targets, 2, f"train and val beside {words}", catalog.source)
    part = allot(learnt, catalog.targets, cut_val(plan), f"val/{seed}")
    split = learnt["component"].map(part).reindex(counted.index, fill_value="").mask(held, "test")
    why = split + ": " + prepared.joined[counted.index]
    why = why.mask(held, why + f", held out by {words}").mask(bridge, f"excluded: bridge: its component is also held out by {words}")
    unknown = f"excluded: no {_column(plan.hold_out)}, so it is not known whether it is held out"
    made = prepared.settle(split, why.mask(~held & ~rest, unknown))
    return Placed(made, [*prepared.findings, *_cost(made, plan), *absent(made, "hold-out-classes", "The hold-out")])


def meets(catalog: Catalog, conditions: Sequence[str]) -> pd.Series:
    """(n,) str: `held` where a row meets the conditions, `rest` where not, blank where its value is not known.

    Parameters
    ----------
    conditions : ``column=value``, several being alternatives, or ``column>=value`` (also ``>``, ``<=``, ``<``), which must all hold. A value
        is compared as a number where it and the column are numbers, otherwise as a date (2021, 2021-03, 2021-03-31, 20210331, with or
        without a time).

    Raises
    ------
    UserError
        No such column, a value that is not in it, a value that is neither number nor date, or all rows or none are held out.
    """
    column = _column(conditions)
    where = f"{catalog.source}, split.hold_out"
    open_ = [str(name) for name in catalog.frame if name not in {*CLOSED, *catalog.targets} and not str(name).startswith("fact:")] + ["source"]
    if column not in open_:
        raise UserError(f"there is no column {column!r} to hold out by", where, nearest(column, open_))
    values = text(catalog.frame[column])
    known = values.notna()
    if not known.any():
        raise UserError(f"no image has a {column}", where, f"name the column (?{column}=...)" if column == "site" else "fill it in")
    parsed = [CONDITION.fullmatch(condition).groups() for condition in conditions]  # type: ignore[union-attr]
    if parsed[0][1] == "=":
        held = values.isin([_there(value, values, column, where) for _, _, value in parsed])
    else:
        held = np.logical_and.reduce([_compared(catalog.frame, column, sign, value, where) for _, sign, value in parsed])
    side = pd.Series("rest", index=values.index, dtype="str").mask(held, "held").where(known, "")
    for lacking, words in (("held", "no image is"), ("rest", "all images are")):
        if not (side == lacking).any():
            raise UserError(f"{words} held out by {' and '.join(conditions)}", where, "choose another value")
    return side


def _column(conditions: Sequence[str]) -> str:
    return str(CONDITION.fullmatch(conditions[0]).group(1))  # type: ignore[union-attr]


def _cost(catalog: Catalog, plan: Split) -> list[Finding]:
    """What holding out cost: rows that stand on both sides, and rows of which the side is not known."""
    why = catalog.frame["why"]
    bridges, unknown = why.str.startswith("excluded: bridge"), why.str.startswith("excluded: no ")
    n = int((catalog.frame["split"] != "").sum() + bridges.sum() + unknown.sum())
    told = []
    effect = Effect("share of images excluded because their component is held out too", bridges.sum() / n, n=n)
    if bridges.any():
        are = "1 image is" if bridges.sum() == 1 else f"{bridges.sum():,} images are"
        sentence = f"{are} not held out but in one component with images that are: excluded, so that nothing is tested on what it was trained with."
        told.append(Finding("hold-out-bridges", "data", Severity.LOW, False, sentence, effect))
    else:
        told.append(Finding("hold-out-bridges", "data", Severity.INFO, True, "Nothing that is held out belongs with what is not.", effect))
    if unknown.any():
        have = "has" if unknown.sum() == 1 else "have"
        blank = f"{unknown.sum():,} of {n:,} images {have} no {_column(plan.hold_out)}: neither trained on nor tested."
        share = Effect("share of images without it", unknown.sum() / n, n=n)
        told.append(Finding("hold-out-unknown", "data", Severity.LOW, False, blank, share, remedy="Fill the column in."))
    return told


def _there(value: str, values: pd.Series, column: str, where: str) -> str:
    if not (values == value).any():
        seen = values.dropna().unique()
        mend = nearest(value, seen) if len(seen) <= FEW else "write it as the table does"
        raise UserError(f"no image has the {column} {value!r}", where, mend)
    return value


def _compared(frame: pd.DataFrame, column: str, sign: str, value: str, where: str) -> np.ndarray:
    """(n,) bool; False where the value is unknown."""
    values, bound = frame[column], pd.to_numeric(pd.Series([value]), errors="coerce")[0]
    if not (pd.api.types.is_numeric_dtype(values) and pd.notna(bound)):
        bound = _dates(pd.Series([value]))[0]
        if pd.isna(bound):
            raise UserError(f"{value!r} is neither a number nor a date", where, "write e.g. date>=2021-01-31")
        words = text(values)
        values = _dates(words)
        wrong = words.notna() & values.isna()
        if wrong.any():
            rows = "1 row is" if wrong.sum() == 1 else f"{wrong.sum():,} rows are"
            row = frame.loc[wrong, "row"].iloc[0]
            raise UserError(f"{rows} not a date in column {column!r}, e.g. row {row}", where, "write dates as 2021-01-31, or leave them blank")
    compared: np.ndarray = COMPARE[sign](values, bound).to_numpy(dtype=bool, na_value=False)
    return compared


def _dates(words: pd.Series) -> pd.Series:
    return pd.to_datetime(words, format="ISO8601", errors="coerce", utc=True)
