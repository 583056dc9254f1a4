"""A split that was made before and must stay: a later catalog is fitted in around it, and nobody is moved."""

from pathlib import Path

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.base import splits, text
from overread.datasets.table import cells
from overread.errors import UserError
from overread.findings import Effect, Finding, Severity
from overread.partition.bound import Bound
from overread.partition.components import JOINS, Links
from overread.partition.prepare import Placed, prepare
from overread.partition.published import PARTS, absent
from overread.partition.stratify import allot_within
from overread.recipe import Split


def read_frozen(path: str) -> pd.DataFrame:
    """The rows of a table that `overread split` wrote: `image`, `split`, `component` and what joins rows, blank where it has no such column.

    Raises
    ------
    UserError
        There is no such table, it has no column image or split, or a part is missing.
    """
    where = f"{path}, split.extend"
    table = cells(Path(path))
    for name in ("image", "split"):
        if name not in table:
            raise UserError(f"there is no column {name!r}", where, "name a table that `overread split` wrote")
    old = pd.DataFrame({name: text(table[name]).fillna("") if name in table else "" for name in ("image", "component", *JOINS)}, index=table.index)
    old["split"] = splits(table["split"], where)
    for part in PARTS:
        if not (old["split"] == part).any():
            raise UserError(f"the old split has no row in {part}", where, "name a table with train, val and test")
    return old


def shares(old: pd.DataFrame) -> dict[str, float]:
    """The share of the placed rows of an old table that each part has."""
    return {str(part): float(share) for part, share in old.loc[old["split"] != "", "split"].value_counts(normalize=True).items()}


def extend(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> Placed:
    """Every row that the old table has stays in its part; a new row that belongs with old ones follows them.

    Rows are old by their `image` as given. What belongs together is told by keys, bytes and pixels, those of old rows that have vanished
    included, and by links. A new row that belongs with two parts, by itself or through other new rows, is excluded as a bridge and joins
    nothing. Components of new rows alone are dealt so that the shares of the old table are kept.

    Raises
    ------
    UserError
        Nothing here has anything to do with the old table, or it is none.
    """
    links = list(links)
    old = read_frozen(plan.extend or "")
    bound = Bound.of(catalog.frame, old, links)
    if (bound.side == "").all() and (bound.excluded == "").all():
        raise UserError(
            "no image here is in the old split or belongs with one of it",
            f"{plan.extend}, split.extend",
            "name the table that was made of these data",
        )
    prepared = prepare(catalog, links, side=bound.side, kept=bound.kept != "", excluded=bound.excluded)
    counted = prepared.counted
    part = counted["component"].map(allot_within(counted, catalog.targets, shares(old), f"extend/{seed}", _allowed(counted, bound.side)))
    side = bound.side[counted.index]
    split = side.where(side != "", part)
    joined = split + ": " + prepared.joined[counted.index]
    why = joined.mask(side != "", joined + ", follows the old split").mask(bound.kept[counted.index] != "", "as in the old split")
    made = prepared.settle(split, why)
    told = [_bridges(bound), _torn(bound), *_vanished(catalog.frame, old), *absent(made, "frozen-classes", "The extended split")]
    return Placed(made, [*prepared.findings, *told], whole=not bound.torn.any())


def _allowed(counted: pd.DataFrame, side: pd.Series) -> pd.DataFrame:
    """(components, parts) bool: a component that belongs with old rows goes to their part, any other anywhere."""
    tied = pd.crosstab(counted["component"], side[counted.index]).reindex(columns=list(PARTS), fill_value=0) > 0
    return tied.where(tied.any(axis=1), True)


def _bridges(bound: Bound) -> Finding:
    bridge, new = bound.excluded != "", int((bound.kept == "").sum())
    effect = Effect("share of new images that are excluded as bridges", bridge.sum() / max(1, new), n=new)
    if not bridge.any():
        return Finding("frozen-bridges", "data", Severity.INFO, True, "No new image belongs with old images of two parts.", effect)
    sentence = (
        f"{bridge.sum():,} of {new:,} new images belong with old images of two parts: they are excluded. If what joins them is true, "
        "the old split has a patient or a film on two sides."
    )
    return Finding("frozen-bridges", "data", Severity.HIGH, False, sentence, effect, remedy="Look at these rows; if they are right, split anew.")


def _torn(bound: Bound) -> Finding:
    test = bound.kept == "test"
    share = (bound.torn & test).sum() / max(1, test.sum())
    effect = Effect("share of old test images that belong with old images of another part", share, n=int(test.sum()))
    if not bound.torn.any():
        return Finding("frozen-split", "data", Severity.INFO, True, "The old split keeps together what is known to belong together now.", effect)
    sentence = (
        f"{bound.torn.sum():,} old images belong with old images of another part, {(bound.torn & test).sum():,} of them in test ({share:.1%}): "
        + ("nobody is moved, so scores on them measure memory." if share else "nobody is moved, so thresholds are chosen on what was learnt.")
    )
    return Finding(
        "frozen-split", "data", Severity.LEAK if share else Severity.HIGH, False, sentence, effect, remedy="Split anew, without split.extend."
    )


def _vanished(frame: pd.DataFrame, old: pd.DataFrame) -> list[Finding]:
    placed = old[old["split"] != ""]
    here = placed["image"].isin(frame["image"])
    for sha in ("bytes_sha", "pixel_sha"):
        here |= placed[sha].isin(frame[sha]) & (placed[sha] != "")
    gone = placed.loc[~here, "split"].value_counts()
    if gone.empty:
        return []
    each = ", ".join(f"{gone[part]:,} of {part}" for part in PARTS if part in gone)
    sentence = f"{gone.sum():,} of {len(placed):,} images of the old split are not here any more, or cannot be read: {each}."
    effect = Effect("share of the old split that has vanished", gone.sum() / len(placed), n=len(placed))
    return [Finding("frozen-vanished", "data", Severity.LOW, False, sentence, effect)]
