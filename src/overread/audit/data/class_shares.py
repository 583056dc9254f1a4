"""Class shares that depend on the part of the split, on the site or on the source: the place then tells the label."""

from math import sqrt

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.evaluation.intervals import FEWEST
from overread.findings import Effect, Finding, Severity

PLACES = {"split": "part", "site": "site", "source": "source"}

SURE, UNEVEN = 0.01, 0.1
"""Shares depend on the place where chance is less likely than this, and Cramér's V is at least this."""


@check("class-shares", cheap=True)
def class_shares(context: Context) -> list[Finding]:
    """Whether parts, sites and sources differ in their classes: a chi-squared test in which each component counts once.

    Notes
    -----
    A component's rows share its weight of 1, so that one patient with a hundred images is one case (chi-squared counts cases as if they
    were independent). The size is Cramér's V: 0 where no share differs, 1 where the place gives the class.
    """
    several = [by for by in PLACES if len(set(context.rows[by]) - {""}) > 1]
    if not several:
        return [Finding("class-shares", "data", Severity.INFO, None, "One source, no sites, no split: there are no class shares to compare.")]
    targets = enumerate(context.catalog.targets)
    return [_of(context, name, by, f"class-shares-{by}" + (f"-{number + 1}" if number else "")) for number, name in targets for by in several]


def _of(context: Context, name: str, by: str, file: str) -> Finding:
    rows = context.distinct[context.distinct[name].notna() & (context.distinct[by] != "")]
    weight = 1 / rows.groupby("component")["row"].transform("size")
    cases = pd.crosstab(rows[by], rows[name], values=weight, aggfunc="sum").fillna(0.0)
    of = f" of {name}" if len(context.catalog.targets) > 1 else ""
    if min(cases.shape) < 2:
        alone = f"Labels{of} are known at one {PLACES[by]} only: class shares cannot be compared."
        return Finding("class-shares", "data", Severity.INFO, None, alone)
    chi2, p, _, expected = chi2_contingency(cases, correction=False)
    known = [label for label in context.catalog.targets[name].classes if label in cases]
    images = pd.crosstab(rows[by], rows[name])[known]
    share = images.div(images.sum(axis=1), axis=0)
    listed = share.assign(images=images.sum(axis=1)).sort_values("images", ascending=False).rename_axis(PLACES[by]).reset_index()
    effect = Effect(f"Cramér's V of class and {PLACES[by]}", sqrt(chi2 / (cases.sum(axis=None) * (min(cases.shape) - 1))), n=len(rows))
    passed = None if np.median(expected) < 1 else bool(p >= SURE or effect.value < UNEVEN)
    severity = Severity.INFO if passed is not False else Severity.LOW if by == "split" else Severity.HIGH
    sentence = _sentence(passed, by, of, share, images.sum(axis=1))
    said = f"{sentence} (Cramér's V {effect.value:.2f}, each of {weight.sum():,.0f} components counted once)."
    mend = "" if passed is not False else _mend(by)
    return Finding("class-shares", "data", severity, passed, said, effect, float(p), table(context, file, listed), mend)


def _sentence(passed: bool | None, by: str, of: str, share: pd.DataFrame, images: pd.Series) -> str:
    if passed is None:
        return f"Too few cases a {PLACES[by]} to say whether class shares{of} differ"
    if passed:
        return f"Class shares{of} differ little by {PLACES[by]}"
    large = share[images >= min(FEWEST, images.nlargest(2).min())]
    label = (large.max() - large.min()).round(6)[::-1].idxmax()  # of two classes the positive one, which stands last
    most, least = large[label].idxmax(), large[label].idxmin()
    return (
        f"The class{of} depends on the {PLACES[by]}: {label} is {large.loc[most, label]:.0%} of {most} and {large.loc[least, label]:.0%} of {least}"
    )


def _mend(by: str) -> str:
    if by == "split":
        return "Stratify the split (`overread split` does); predictive values and calibration read on it are those of its class shares."
    one = "site" if by == "site" else "source"
    return f"Report figures within each {one}, and let a model be tested at one that it did not learn from, before it is believed."
