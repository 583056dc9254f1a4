"""How well train is told from test, one source from another, one site from another: by facts, covariates and coarse pictures."""

from typing import NamedTuple

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.audit.telling import PICTURES, Asked, Told, ask_which, by_column, by_columns, by_features, listed, varying
from overread.audit.views import seen
from overread.evaluation.covariates import TELLING
from overread.evaluation.intervals import FEWEST
from overread.findings import Finding, Severity

COARSE = ("a thumbnail of 8 x 8", "the histogram")

PLACES = 12
"""Most sources or sites that are told apart: the largest."""


OTHERS = (
    "Where classes are unevenly mixed too, a model can read where an image is from in place of the disease.",
    "Compare the class shares; report each by itself, and hold one out (--set split.leave_site_out=true).",
)

MEANS = {
    "split": (
        "A figure on this test speaks of images unlike those that were learnt from.",
        "Say so beside the figure; if it was not meant, make a fresh split (`overread split`).",
    ),
    "source": OTHERS,
    "site": OTHERS,
}
"""What it means that places can be told apart, and what to do."""


class Places(NamedTuple):
    """Rows that lie in several places.

    Attributes
    ----------
    by : split, source or site
    words : what is told apart, e.g. "train from test"
    rows, where : the rows that count, and the place of each
    names : of the places
    """

    by: str
    words: str
    rows: pd.DataFrame
    where: pd.Series
    names: list[str]


@check("shift")
def shift(context: Context) -> list[Finding]:
    """Out-of-fold AUROC of telling where a row is from, grouped by component (a classifier two-sample test, Lopez-Paz & Oquab 2017).

    A test unlike its train is no leak; it says what the figure on it speaks of. Whether the place also tells the label is asked by
    `class-shares`.
    """
    there = [places for by in ("split", "source", "site") if (places := _places(context.distinct, by))]
    if not there:
        return [Finding("shift", "data", Severity.INFO, None, "No split, one source, no sites: there is nothing to tell apart.")]
    return [_of(context, places) for places in there]


def _places(rows: pd.DataFrame, by: str) -> Places | None:
    """The places of one kind, if there are several."""
    number = rows.loc[rows[by] != "", by].value_counts()
    if by == "split":
        both = {"train", "test"} <= set(number.index)
        return Places(by, "train from test", rows, rows[by], ["train", "test"]) if both else None
    names = sorted(str(name) for name in number.index[:PLACES])
    return Places(by, f"one {by} from another", rows, rows[by], names) if len(names) > 1 else None


def _of(context: Context, places: Places) -> Finding:
    question = ask_which(context, places.rows, places.where, places.names, PICTURES)
    if not question.enough:
        return Finding("shift", "data", Severity.INFO, None, f"Fewer than {FEWEST} components a side: too few to tell {places.words}.")
    columns = varying(question.rows, [*context.catalog.facts, *context.catalog.covariates])
    each = by_column(question, columns)
    whole = [by_columns(question, columns, "all of these together")] if len(columns) > 1 else each[:1]
    pictures = [by_features(question, view, name) for name, view in seen(context, question.rows, *COARSE).items()]
    told = [*whole, *pictures, *each] if len(columns) > 1 else [*pictures, *each]
    evidence = table(context, f"shift-{places.by}", listed(told, question.ask))
    return _said(places, question, max([*whole, *pictures], key=lambda one: one.value), each[:1], evidence)


def _said(places: Places, question: Asked, best: Told, column: list[Told], evidence: list[str]) -> Finding:
    effect = best.effect(f"AUROC of telling {places.words}", len(question.rows))
    alone = "".join(f"; strongest column alone: {one.what}, {one.value:.2f}" for one in column)
    reached = f"{best.what} {best.words}{alone}"
    if best.least <= TELLING:
        quiet = f"Nothing is shown to tell {places.words} well: {reached}.{question.words}"
        return Finding("shift", "data", Severity.INFO, True, quiet, effect, evidence=evidence)
    loud = f"One can tell {places.words}: {reached}. {MEANS[places.by][0]}{question.words}"
    return Finding("shift", "data", Severity.LOW, False, loud, effect, evidence=evidence, remedy=MEANS[places.by][1])
