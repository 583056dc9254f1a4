"""What can be known before training: how many independent cases a class has, and how wide the intervals will be."""

from typing import Any

import pandas as pd

from overread.catalog import Catalog, Target
from overread.evaluation.intervals import FEWEST, hanley_mcneil, wilson_bounds
from overread.partition.stratify import unit

ASSUMED = 0.85
"""The AUROC, sensitivity and specificity that widths are stated at."""

Z = 1.959963984540054


def sample_size(catalog: Catalog, scored: tuple[str, ...] = ("test",)) -> dict[str, Any]:
    """Cases a class and part, and the 95 % intervals to expect of the scored part.

    Parameters
    ----------
    catalog : split
    scored : the parts whose rows are scored; all that rows are in, where folds score every one

    Returns
    -------
    dict
        JSON-able: ``table`` (records of target, class, part, images, distinct, components), ``expected`` {target: {class: {components,
        positive, negative, auroc, sensitivity, specificity}}}, each of the last three ``{assumed, low, high}`` or None, and ``sentences``.

    Notes
    -----
    Components stand for independent cases, which is cautious where a component holds many images. A multi-class target is read
    one class against the rest.
    """
    rows = catalog.frame[catalog.frame["split"] != ""]
    table = [entry for name, target in catalog.targets.items() for entry in _table(rows, name, target)]
    test = catalog.part(*scored).frame
    expected = {name: _expected(test, name, target) for name, target in catalog.targets.items()}
    return {"table": table, "expected": expected, "sentences": [_sentence(test, name, classes) for name, classes in expected.items()]}


def auroc_width(auroc: float, positive: int, negative: int) -> float:
    """Half the width of the 95 % interval to expect of an AUROC (Hanley & McNeil 1982)."""
    return Z * hanley_mcneil(auroc, positive, negative)


def _table(rows: pd.DataFrame, name: str, target: Target) -> list[dict[str, Any]]:
    groups = {(label, part): held for (label, part), held in rows.groupby([name, "split"])}
    return [
        {
            "target": name,
            "class": label,
            "part": part,
            "images": len(held),
            "distinct": int((held["copy_of"] == "").sum()),
            "components": int(held["component"].nunique()),
        }
        for label in target.classes
        for part in ("train", "val", "test")
        for held in [groups.get((label, part), rows.iloc[:0])]
    ]


def _expected(test: pd.DataFrame, name: str, target: Target) -> dict[str, Any]:
    known = test[test[name].notna()]
    asked = [target.positive] if target.positive else list(target.classes)
    return {label: _widths(known, known[name] == label) for label in asked}


def _widths(known: pd.DataFrame, of_class: pd.Series) -> dict[str, Any]:
    positive = int(known.loc[of_class, "component"].nunique())
    negative = int(known.loc[~of_class, "component"].nunique())
    half = auroc_width(ASSUMED, positive, negative) if positive and negative else None
    return {
        "components": int(known["component"].nunique()),
        "positive": positive,
        "negative": negative,
        "auroc": {"assumed": ASSUMED, "low": max(0.0, ASSUMED - half), "high": min(1.0, ASSUMED + half)} if half else None,
        "sensitivity": _share(positive),
        "specificity": _share(negative),
    }


def _share(n: int) -> dict[str, float] | None:
    if not n:
        return None
    low, high = wilson_bounds(ASSUMED, n)
    return {"assumed": ASSUMED, "low": low, "high": high}


def _sentence(test: pd.DataFrame, name: str, classes: dict[str, Any]) -> str:
    """The plain words for a target, read at its scarcest class."""
    label, least = min(classes.items(), key=lambda item: min(item[1]["positive"], item[1]["negative"]))
    cases = f"{name}: with {least['components']} test {unit(test, least['components'])} ({least['positive']} {label!r})"
    if min(least["positive"], least["negative"]) < FEWEST:
        return f"{cases} no interval can be given for {label!r}: that takes at least {FEWEST} with it and {FEWEST} without."
    half = ASSUMED - least["auroc"]["low"]
    low, high = least["sensitivity"]["low"], least["sensitivity"]["high"]
    return f"{cases} an AUROC of {ASSUMED} will carry an interval of about ±{half:.2f}, a sensitivity of {ASSUMED} one of {low:.2f} to {high:.2f}."
