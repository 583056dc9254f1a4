"""Columns that restate the label: a count of the fractures, a path that names the class, a field that only the ill have filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.catalog import TEXT, Catalog, Target
from overread.evaluation.intervals import wilson_bounds
from overread.findings import Effect, Finding, Severity

AGREES, SURELY = 0.9, 0.5
"""Agreement with the label beyond chance from which a column restates it, and the least of its lower bound: few patients prove nothing."""

LEVELS = 20
"""Numbers with more distinct values than this are also cut where the class changes."""

BEYOND = 1e30
"""Numbers as large as this are not cut: a tree cannot count so far."""

FOLDERS = 4
"""Parts of a path that are looked at, from its end and from its beginning."""

FILLED = "whether it is filled in"


@dataclass(frozen=True)
class Restated:
    """How a column gives a class away: `how` in words, and `agreement` beyond chance (kappa) on the `rows` it speaks of."""

    column: str
    how: str
    agreement: float
    rows: int


@check("restates", cheap=True)
def restates(context: Context) -> list[Finding]:
    """Each carried or declared column is read in several ways, and each reading asked for the class of components it was not made from.

    The class of a reading is that of most other components with the same; its agreement with the label is counted beyond chance (Cohen's
    kappa against the shares of the classes). An id, which no other component has, tells nothing; so does a column filled in alike.
    The path of the image itself is not asked, whatever column repeats it: folders name classes. Nor are patient, study and group, which are
    never modelled.
    """
    return [finding for number, name in enumerate(context.catalog.targets) for finding in _of(context, name, number)]


def _of(context: Context, name: str, number: int) -> list[Finding]:
    catalog, target = context.catalog, context.catalog.targets[name]
    rows = context.distinct[target.encode(context.distinct[name]) >= 0]
    columns = [column for column in _asked(catalog) if column != name]
    if not columns:
        return [Finding("restates", "data", Severity.INFO, True, "The table has no column beside the label and its keys that could restate it.")]
    found = [one for column in columns if (one := _restated(rows, column, name, target)) is not None]
    fed = [one for one in found if one.column in (context.read or ())]
    declared = [one for one in found if one.column in catalog.covariates and one not in fed]
    carried = [one for one in found if one not in [*fed, *declared]]
    file = f"restates-{number + 1}" if number else "restates"
    evidence = table(context, file, _listed(found, catalog))
    findings = []
    if fed:
        loudest = f"The model reads it beside the image, yet it restates {name}: {_words(fed)}."
        mend = "Leave it out of what the learner is given: it says the label in other words."
        findings.append(Finding("restates", "data", Severity.HIGH, False, loudest, _effect(fed), evidence=evidence, remedy=mend))
    if declared:
        loud = f"Declared as a covariate, yet it restates {name}: {_words(declared)}."
        mend = "Leave it out of ?covariates=: beside it no image adds anything, and each of its subgroups holds one class."
        findings.append(Finding("restates", "data", Severity.HIGH, False, loud, _effect(declared), evidence=evidence, remedy=mend))
    if carried:
        many = len(carried) > 1
        quiet = f"{'These columns restate' if many else 'One column restates'} {name}: {_words(carried)}. No model reads {'them' if many else 'it'}."
        mend = f"Never declare {'one of them' if many else 'it'} as a covariate."
        findings.append(Finding("restates", "data", Severity.LOW, False, quiet, _effect(carried), evidence=evidence, remedy=mend))
    none = f"None of the {len(columns)} columns beside the label restates {name}."
    return findings or [Finding("restates", "data", Severity.INFO, True, none)]


def _asked(catalog: Catalog) -> list[str]:
    """Declared columns, and those that are carried: neither the house's, nor a target, nor a fact, nor the image's path once more."""
    house = {"row", *TEXT, *catalog.targets, *catalog.facts} - set(catalog.covariates)
    image = catalog.frame["image"].astype("str")
    return [name for name in map(str, catalog.frame) if name not in house and not (catalog.frame[name].astype("str") == image).all()]


def _restated(rows: pd.DataFrame, column: str, name: str, target: Target) -> Restated | None:
    """The first reading of a column that gives the class away, the simplest first."""
    truth, component = target.encode(rows[name]), pd.factorize(rows["component"])[0]
    share = np.bincount(truth, minlength=len(target.classes)) / max(1, len(truth))
    for how, reading in _readings(rows[column], target, truth):
        spoken = np.asarray(reading != "") if how != FILLED else np.ones(len(rows), bool)
        agreement = _agreement(pd.factorize(reading[spoken])[0], truth[spoken], component[spoken], share)
        if agreement is not None:
            return Restated(column, how, agreement, int(spoken.sum()))
    return None


def _readings(column: pd.Series, target: Target, truth: np.ndarray) -> Iterator[tuple[str, pd.Series]]:
    """Ways to read a column, each as (n,) str with blanks, and their words."""
    words = column.astype(str).where(column.notna(), "").str.strip()
    blank = words == ""
    if blank.any():
        yield FILLED, blank.map({True: "no", False: "yes"})
    yield "its values", words
    number = pd.to_numeric(column, errors="coerce")
    if (number.notna() | blank).all():
        countable = number.where(number.abs() < BEYOND)
        if countable.nunique() > LEVELS:
            yield "its number, cut at a few places", _cut(countable, truth, len(target.classes))
        return
    code, different = pd.factorize(words)
    for how, reading in _in_text(pd.Series(different), target):
        yield how, pd.Series(reading.to_numpy()[code], index=column.index)


def _in_text(words: pd.Series, target: Target) -> Iterator[tuple[str, pd.Series]]:
    """Ways to read texts, each of which is different."""
    yield "the class's name in it", _named(words, target)
    parts = words.str.replace("\\", "/", regex=False).str.split("/")
    depths = parts.map(len)
    for depth in range(1, min(FOLDERS, int(depths.max()) - 1) + 1):
        yield "a folder in it", parts.str[-1 - depth].fillna("")
        yield "a folder in it", parts.str[depth - 1].where(depths > depth, "")
    yield "its text without the digits", parts.str[-1].fillna("").str.replace(r"\d+", "#", regex=True)


def _cut(number: pd.Series, truth: np.ndarray, classes: int) -> pd.Series:
    """(n,) str: the leaf of a small tree that a number falls into; blank where there is none."""
    known = number.notna()
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * classes, min_samples_leaf=5, class_weight="balanced", random_state=0)
    values = number[known].to_numpy(dtype=float)[:, None]
    return pd.Series(tree.fit(values, truth[known]).apply(values).astype(str), index=number.index[known]).reindex(number.index, fill_value="")


def _named(words: pd.Series, target: Target) -> pd.Series:
    """(n,) str: the class whose name stands in a text as a word, the longest if several do; blank where none does."""
    plain = " " + words.str.casefold().str.replace(r"[\W_]+", " ", regex=True) + " "
    found = pd.Series("", index=words.index)
    for one in sorted(target.classes, key=len):
        named = re.sub(r"[\W_]+", " ", one.casefold()).strip()
        found = found.mask(plain.str.contains(f" {named} ", regex=False), one) if named else found
    return found


def _agreement(reading: np.ndarray, truth: np.ndarray, component: np.ndarray, share: np.ndarray) -> float | None:
    """Agreement beyond chance of the class that other components with the same reading have most; None if it is not near-perfect."""
    if not len(reading):
        return None
    votes = _counts(reading, truth, len(share))[reading]
    own = pd.factorize(reading * (component.max() + 1) + component)[0]
    votes -= _counts(own, truth, len(share))[own]
    said = np.where(votes.sum(axis=1) > 0, votes.argmax(axis=1), share.argmax())
    right, chance = float((said == truth).mean()), float(share[said].mean())
    if chance >= 1:
        return None
    least = wilson_bounds(right, len(np.unique(component)))[0]
    agreement, surely = ((value - chance) / (1 - chance) for value in (right, least))
    return agreement if agreement >= AGREES and surely >= SURELY else None


def _counts(reading: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """(readings, classes) int: how many of each class have each reading."""
    return np.bincount(reading * classes + truth, minlength=(reading.max() + 1) * classes).reshape(-1, classes)


def _effect(found: list[Restated]) -> Effect:
    best = max(found, key=lambda one: one.agreement)
    return Effect(f"agreement of {best.column} with the label beyond chance", best.agreement, n=best.rows)


def _words(found: list[Restated]) -> str:
    """The columns and how each gives the class away, at most six."""
    said = [f"{one.column} ({one.how})" for one in found[:6]]
    return ", ".join([*said, *([f"{len(found) - 6} more"] if len(found) > 6 else [])])


def _listed(found: list[Restated], catalog: Catalog) -> pd.DataFrame:
    """The table a page shows."""
    return pd.DataFrame(
        {
            "column": [one.column for one in found],
            "given away by": [one.how for one in found],
            "agreement with the label beyond chance": [one.agreement for one in found],
            "images it speaks of": [one.rows for one in found],
            "declared as a covariate": ["yes" if one.column in catalog.covariates else "no" for one in found],
        }
    )
