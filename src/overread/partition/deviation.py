"""How far a split came out from the shares it was asked for, class by class, in images and in components."""

import pandas as pd

from overread.catalog import Catalog, Target
from overread.findings import Effect, Finding, Severity

TOLERANCE = 0.05
"""Difference of shares that is let pass; or, if larger, what the largest component of the class holds of it: that cannot be cut."""


COLUMNS = ["target", "class", "part", "wished", "images", "share_of_images", "components", "share_of_components", "tolerance"]


def deviation(counted: pd.DataFrame, part: pd.Series, targets: dict[str, Target], wished: dict[str, float]) -> pd.DataFrame:
    """One row a target, class and part.

    Parameters
    ----------
    counted : rows that count, with `component`
    part : (n,) str, where each of them is
    wished : part to its share

    Returns
    -------
    pandas.DataFrame
        `target`, `class`, `part`, `wished`, `images`, `share_of_images` (of the class), `components`, `share_of_components`, and
        `tolerance`: the larger of 0.05 and what one component is of the class. Classes without an image are left out.
    """
    return pd.concat([_of_target(counted, part, name, target, wished) for name, target in targets.items()], ignore_index=True)


def on_shares(catalog: Catalog, wished: dict[str, float]) -> list[Finding]:
    """Whether every class came out in the wished shares, as far as that could be."""
    counted = catalog.part(*wished).frame
    table = deviation(counted, counted["split"], catalog.targets, wished)
    off = table[["share_of_images", "share_of_components"]].sub(table["wished"], axis=0).abs().max(axis=1)
    effect = Effect("largest difference of a class's share from the wished one", float(off.max()), n=len(counted))
    if (off <= table["tolerance"]).all():
        allowed = "" if off.max() <= TOLERANCE else ", as near as components that cannot be cut allow"
        met = f"Every class is in every part within {off.max():.1%} of the wished share{allowed}."
        return [Finding("wished-shares", "data", Severity.INFO, True, met, effect)]
    worst = table.to_dict("records")[int((off - table["tolerance"]).argmax())]
    sentence = (
        f"The class {worst['class']!r} of {worst['target']} is off the wished shares: {worst['part']} has {worst['share_of_images']:.1%} of its "
        f"images and {worst['share_of_components']:.1%} of its components instead of {worst['wished']:.0%}."
    )
    mend = "Try another seed; merge rare classes, or use folds, where a class is small."
    return [Finding("wished-shares", "data", Severity.LOW, False, sentence, effect, remedy=mend)]


def _of_target(counted: pd.DataFrame, part: pd.Series, name: str, target: Target, wished: dict[str, float]) -> pd.DataFrame:
    cells = pd.DataFrame({"class": counted[name], "part": part, "component": counted["component"]}).dropna()
    known = [label for label in target.classes if (cells["class"] == label).any()]
    every = pd.DataFrame([(name, label, part, share) for label in known for part, share in wished.items()], columns=COLUMNS[:4])
    made = cells.groupby(["class", "part"])["component"].agg(images="size", components="nunique").reset_index()
    table = every.merge(made, on=["class", "part"], how="left").fillna({"images": 0, "components": 0}).astype({"images": int, "components": int})
    for unit in ("images", "components"):
        table[f"share_of_{unit}"] = table[unit] / table.groupby("class")[unit].transform("sum")
    size = cells.groupby(["class", "component"]).size().groupby("class")
    lump = pd.concat([size.max() / size.sum(), 1 / size.count()], axis=1).max(axis=1).clip(lower=TOLERANCE)
    return table.assign(tolerance=table["class"].map(lump))[COLUMNS]
