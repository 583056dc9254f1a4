"""What is said of a list of odd pictures: how many, which, and whether a class has more of them than another."""

import pandas as pd
from scipy.stats import chi2_contingency

from overread.audit.base import Context
from overread.audit.evidence import sheet, table
from overread.findings import Effect, Finding, Severity
from overread.partition.copies import known_pixels

SURE, GAP = 0.01, 0.05
"""Classes differ where chance is less likely than this, and the shares of two of them are at least so far apart."""


def odd_pictures(context: Context, check: str, reason: pd.Series, what: str, remedy: str, clean: str) -> Finding:
    """The finding that a list of pictures is odd; of high severity where oddness goes with the class.

    Parameters
    ----------
    check : its registered name
    reason : (n,) str, why a row's picture is odd; blank where it is not. Words, then what is its own alone in brackets: "small (20 x 30 px)"
    what : what they are, after a number: "pictures are blank or nearly black"
    remedy : what to do
    clean : the sentence where there is none

    Notes
    -----
    Each distinct picture counts once. Classes are compared by a chi-squared test in which the rows of a component share a weight of 1.
    """
    distinct = ~known_pixels(context.rows).duplicated()
    found = reason[distinct & (reason != "")]
    n = int(distinct.sum())
    effect = Effect(f"share of pictures: {check.replace('-', ' ')}", len(found) / n, n=n)
    if found.empty:
        return Finding(check, "data", Severity.INFO, True, clean, effect)
    kinds = found.str.replace(r"\(.*\)", "", regex=True).str.strip().value_counts().drop("", errors="ignore")
    listed = f" ({', '.join(f'{number:,} {kind}' for kind, number in kinds.items())})" if len(kinds) else ""
    share, p = _by_class(context.rows.assign(odd=reason != "")[distinct], next(iter(context.catalog.targets)))
    telling = p is not None and p < SURE and share["share"].max() - share["share"].min() >= GAP
    told = f" The class tells: {_extremes(share)}." if telling else ""
    shown = found.sample(min(len(found), 24), random_state=context.seed).sort_index()
    evidence = [*sheet(context, check, context.rows["row"][shown.index], shown), *table(context, f"{check}-by-class", share.reset_index())]
    severity = Severity.HIGH if telling else Severity.LOW
    return Finding(check, "data", severity, False, f"{len(found):,} of {n:,} {what}{listed}.{told}", effect, p, evidence, remedy)


def _by_class(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, float | None]:
    """Pictures, odd ones and their share, a class; and how likely chance makes them as uneven."""
    rows = rows[rows[name].notna()]
    counts = rows.groupby(name)["odd"].agg(["size", "sum", "mean"]).set_axis(["pictures", "odd", "share"], axis=1).rename_axis("class")
    weight = 1 / rows.groupby("component")["row"].transform("size")
    cases = pd.crosstab(rows["odd"], rows[name], values=weight, aggfunc="sum").fillna(0.0)
    return counts, float(chi2_contingency(cases, correction=False).pvalue) if min(cases.shape) > 1 else None


def _extremes(share: pd.DataFrame) -> str:
    order = share["share"].sort_values(ascending=False)
    return f"{order.iloc[0]:.0%} of {order.index[0]}, {order.iloc[-1]:.0%} of {order.index[-1]}"
