"""One split's entry of `metrics.json`: every figure of a target with its interval, for the whole and for its parts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from overread.catalog import Target
from overread.evaluation.counts import Cases
from overread.evaluation.decision import Decision
from overread.evaluation.delong import delong
from overread.evaluation.intervals import Interval
from overread.evaluation.metrics import Metric, class_metrics, metrics, subgroup_metrics
from overread.evaluation.scoring import score
from overread.evaluation.units import Unit

LEVELS = 12
"""Most levels of a covariate in a subgroup table; the smallest beyond are taken together."""


def evaluate(
    predictions: pd.DataFrame,
    name: str,
    target: Target,
    clusters: pd.Series,
    *,
    decision: Decision | None,
    grade: str,
    covariates: pd.DataFrame | None,
    prevalence: float | None,
    draws: int,
    seed: int,
    unit: Unit = "image",
    images: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Everything that is said of one target on one split.

    Parameters
    ----------
    predictions : rows of that split, one a unit: `row`, `truth:T`, `raw:T:C` (logits), `p:T:C`, `decision:T`
        Pooled folds with repeats hold a row several times; it stays one unit of one component.
    name, target : which question
    clusters : component of each row, indexed by `row`
    decision : what made `p` and `decision`, to be told beside them; None where folds each had their own
    grade : what the split protects against
    covariates : declared columns, indexed by `row`, for the subgroup tables
    prevalence : where PPV and NPV are also stated; binary only
    draws, seed : of the bootstrap over components
    unit : what a row is: an image, a study, a patient
    images : the images of the units, judged by themselves; where a unit is an image, None

    Returns
    -------
    dict
        JSON-able, a figure being ``{value, low, high, method}`` with null for what is undefined:

        - ``unit``, ``n`` (units), ``clusters``, ``unknown_truth`` (units left out), ``prevalence`` {class: share}, ``grade``
        - ``metrics`` {name: figure}, with ``auroc_delong`` where each component has one row
        - ``at_half`` {name: figure}: of the uncalibrated probabilities, decided at one half or for the likeliest class
        - ``classes`` {class: {n, clusters, metrics}}: each against the rest, of three classes and more
        - ``confusion``: rows the truth, columns the decision; ``classes_order`` names both
        - ``subgroups`` {covariate: {level: {n, clusters, metrics}}}, ``decision``
        - ``by_image`` {n, metrics}: the same figures of single images, with a calibration and a threshold of their own; only beside units
    """
    known = target.encode(predictions[f"truth:{name}"]) >= 0
    rows = predictions[known]
    cases = as_cases(rows, name, target)
    cluster = clusters.reindex(rows["row"]).to_numpy()
    every = metrics(target.kind, prevalence)
    figures = score(cases, cluster, every, draws=draws, seed=seed) if len(rows) else {}
    if target.kind == "binary" and 0 < len(rows) == len(np.unique(cluster)):
        figures["auroc_delong"] = delong(cases.truth, cases.score)
    return {
        "unit": unit,
        "n": int(rows["row"].nunique()),
        "clusters": len(np.unique(cluster)),
        "unknown_truth": int(predictions.loc[~known, "row"].nunique()),
        "prevalence": {label: float((cases.truth == i).mean()) if len(rows) else None for i, label in enumerate(target.classes)},
        "grade": grade,
        "metrics": _plain(figures),
        "at_half": _plain(score(as_given(rows, name, target), cluster, every, draws=draws, seed=seed)) if len(rows) else {},
        "classes": _by_class(cases, rows, cluster, target, draws, seed) if target.kind != "binary" else {},
        "classes_order": list(target.classes),
        "confusion": np.bincount(cases.truth * len(target.classes) + cases.decision, minlength=len(target.classes) ** 2)
        .reshape(len(target.classes), -1)
        .tolist(),
        "subgroups": _by_covariate(cases, rows, cluster, target, covariates, draws, seed),
        "decision": decision.to_dict() if decision else None,
        **({"by_image": _by_image(images, name, target, clusters, every, draws, seed)} if images is not None else {}),
    }


def as_cases(rows: pd.DataFrame, name: str, target: Target) -> Cases:
    """Calibrated predictions whose truth is known, as cases."""
    probability = rows[[f"p:{name}:{label}" for label in target.classes]].to_numpy(float)
    return Cases(target.encode(rows[f"truth:{name}"]), probability, target.encode(rows[f"decision:{name}"]))


def as_given(rows: pd.DataFrame, name: str, target: Target) -> Cases:
    """The same with the learner's own probabilities, decided at one half (the likeliest class), as benchmarks without validation do."""
    probability = softmax(rows[[f"raw:{name}:{label}" for label in target.classes]].to_numpy(float), axis=1)
    decision = (probability[:, 1] >= 0.5).astype(int) if target.kind == "binary" else probability.argmax(1)
    return Cases(target.encode(rows[f"truth:{name}"]), probability, decision)


def _plain(figures: Mapping[str, Interval]) -> dict[str, dict[str, Any]]:
    return {name: figure.to_dict() for name, figure in figures.items()}


def _by_image(
    images: pd.DataFrame, name: str, target: Target, clusters: pd.Series, chosen: Mapping[str, Metric], draws: int, seed: int
) -> dict[str, Any]:
    """The figures of the images whose truth is known, each for itself."""
    rows = images[target.encode(images[f"truth:{name}"]) >= 0]
    figures = score(as_cases(rows, name, target), clusters.reindex(rows["row"]).to_numpy(), chosen, draws=draws, seed=seed) if len(rows) else {}
    return {"n": int(rows["row"].nunique()), "metrics": _plain(figures)}


def _part(cases: Cases, rows: pd.Series, cluster: np.ndarray, chosen: Mapping[str, Metric], draws: int, seed: int) -> dict[str, Any]:
    figures = score(cases, cluster, chosen, draws=draws, seed=seed)
    return {"n": int(rows.nunique()), "clusters": len(np.unique(cluster)), "metrics": _plain(figures)}


def _by_class(cases: Cases, rows: pd.DataFrame, cluster: np.ndarray, target: Target, draws: int, seed: int) -> dict[str, Any]:
    """Each class against the rest; `n` and `clusters` count its own units."""
    found = {}
    for i, label in enumerate(target.classes):
        own = cases.truth == i
        part = _part(cases.against(i), rows["row"], cluster, class_metrics(), draws, seed) if len(rows) else {"metrics": {}}
        found[label] = {**part, "n": int(rows.loc[own, "row"].nunique()), "clusters": len(np.unique(cluster[own]))}
    return found


def _by_covariate(
    cases: Cases, rows: pd.DataFrame, cluster: np.ndarray, target: Target, covariates: pd.DataFrame | None, draws: int, seed: int
) -> dict[str, Any]:
    """The figures within each level of each covariate."""
    if covariates is None or not len(rows):
        return {}
    found: dict[str, Any] = {}
    for covariate, column in covariates.reindex(rows["row"]).items():
        level = _levels(column).to_numpy()
        found[str(covariate)] = {
            one: _part(cases.only(level == one), rows.loc[level == one, "row"], cluster[level == one], subgroup_metrics(target.kind), draws, seed)
            for one in _order(level)
        }
    return found


def _levels(column: pd.Series) -> pd.Series:
    """A covariate as levels: numbers in thirds, the smallest of many levels together, blanks "unknown"."""
    number = pd.to_numeric(column, errors="coerce")
    blank = column.isna() | (column.astype(str).str.strip() == "")
    if number.nunique() > LEVELS and (number.notna() | blank).all():
        third = number.groupby(pd.qcut(number, 3, duplicates="drop"), observed=True)
        least, most = (third.transform(end).map("{:g}".format, na_action="ignore") for end in ("min", "max"))
        column = least + " to " + most
    level = column.astype(str).mask(blank, "unknown")
    kept = level.value_counts().index[: LEVELS - 1] if level.nunique() > LEVELS else level.unique()
    return level.where(level.isin(kept), "all others")


def _order(level: np.ndarray) -> list[str]:
    """Levels as a reader expects them: by number if they begin with one, else by name; the pooled and the unknown last."""

    def key(one: str) -> tuple[bool, float, str]:
        number = pd.to_numeric(one.partition(" to ")[0], errors="coerce")
        return (one in {"all others", "unknown"}, float(number) if pd.notna(number) else np.inf, one)

    return sorted(map(str, np.unique(level)), key=key)
