"""What routing costs a cascade: its router against the known part, and its answers against those of the known part's own expert."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from overread.catalog import Target
from overread.evaluation.comparison.difference import Difference
from overread.evaluation.comparison.differences import BY_TRUTH, Scored, differences
from overread.evaluation.counts import Cases
from overread.evaluation.evaluate import as_cases
from overread.evaluation.intervals import FEWEST, Interval
from overread.evaluation.metrics import Metric, accuracy, class_metrics, metrics
from overread.evaluation.scoring import score

WATCHED = ("accuracy", "balanced_accuracy", "kappa")
"""Figures of the router."""


def route_cases(rows: pd.DataFrame, part: str, parts: Target) -> Cases:
    """The router's choices as cases: the truth is the known part, the decision the route.

    Parameters
    ----------
    rows : whose part is known: `truth:PART`, `p:PART:C`, `route`
    part, parts : the target that the router answers
    """
    probability = rows[[f"p:{part}:{label}" for label in parts.classes]].to_numpy(float)
    return Cases(parts.encode(rows[f"truth:{part}"]), probability, parts.encode(rows["route"]))


def router(rows: pd.DataFrame, part: str, parts: Target, clusters: pd.Series, *, draws: int, seed: int) -> dict[str, Any]:
    """How often the router agrees with the known part.

    Parameters
    ----------
    rows : judged predictions of one split, see `route_cases`; rows whose part is unknown are counted and left out
    part, parts : the target that the router answers
    clusters : component of each row, indexed by `row`
    draws, seed : of the bootstrap over components

    Returns
    -------
    dict
        JSON-able: ``n`` rows whose part is known, ``predictions`` (more of them where a cross-validation was repeated), ``clusters``,
        ``unknown``, ``elsewhere`` (predictions whose route is another part), ``metrics``, ``confusion`` (rows the known part, columns the
        route), ``parts`` {part: {n, clusters, metrics: {sensitivity, ppv}}}.
    """
    known = parts.encode(rows[f"truth:{part}"]) >= 0
    held, size = rows[known], len(parts.classes)
    cases, cluster = route_cases(held, part, parts), clusters.reindex(held["row"]).to_numpy()
    every, of_class = metrics(parts.kind), class_metrics()
    chosen = {name: every[name] for name in WATCHED if name in every}
    own = {name: of_class[name] for name in ("sensitivity", "ppv")}
    found = {}
    for i, label in enumerate(parts.classes):
        here = cases.truth == i
        figures = score(cases.against(i), cluster, own, draws=draws, seed=seed) if len(held) else {}
        told = {"n": int(held.loc[here, "row"].nunique()), "clusters": len(np.unique(cluster[here]))}
        found[label] = {**told, "metrics": {name: figure.to_dict() for name, figure in figures.items()}}
    figures = score(cases, cluster, chosen, draws=draws, seed=seed) if len(held) else {}
    return {
        "n": int(held["row"].nunique()),
        "predictions": len(held),
        "clusters": len(np.unique(cluster)),
        "unknown": int(rows.loc[~known, "row"].nunique()),
        "elsewhere": int((cases.decision != cases.truth).sum()),
        "metrics": {name: figure.to_dict() for name, figure in figures.items()},
        "confusion": np.bincount(cases.truth * size + cases.decision, minlength=size**2).reshape(size, size).tolist(),
        "parts": found,
    }


def against_oracle(
    rows: pd.DataFrame, name: str, target: Target, part: str, parts: Target, clusters: pd.Series, *, draws: int, seed: int
) -> dict[str, Any] | None:
    """End to end beside an oracle router, on the same rows: what the known part's own expert says, decided in the same way.

    Parameters
    ----------
    rows : judged predictions of one split, with `oracle-p:T:C` and `oracle-decision:T` beside `p:T:C` and `decision:T`
    name, target : the question that the experts answer
    part, parts, clusters, draws, seed : see `router`

    Returns
    -------
    dict or None
        None where no row has a truth, a known part and an oracle's answer. Else, JSON-able: ``n``, ``predictions``, ``clusters``,
        ``elsewhere`` (predictions that went to another part's expert), ``partly`` (others that another expert had a say in: experts were
        mixed, or some images of a unit went elsewhere), ``metrics`` {name: {end_to_end, oracle, loss}}, of which ``loss`` is oracle less
        end to end, see `loss`, and ``errors``, see `spared`.
    """
    columns = [f"oracle-p:{name}:{label}" for label in target.classes]
    if f"oracle-decision:{name}" not in rows or not set(columns) <= set(rows):
        return None
    known = (target.encode(rows[f"truth:{name}"]) >= 0) & (parts.encode(rows[f"truth:{part}"]) >= 0) & rows[columns].notna().all(axis=1)
    held = rows[known].sort_values("row", kind="stable")
    if held.empty:
        return None
    end = as_cases(held, name, target)
    oracle = Cases(end.truth, held[columns].to_numpy(float), target.encode(held[f"oracle-decision:{name}"]))
    cluster = np.unique(clusters.reindex(held["row"]).to_numpy(), return_inverse=True)[1]
    pair = (Scored(oracle, held["row"].to_numpy(), cluster), Scored(end, held["row"].to_numpy(), cluster))
    chosen, away = metrics(target.kind), (held["route"] != held[f"truth:{part}"]).to_numpy()
    lost = loss(*pair, chosen, draws=draws, seed=seed)
    best, whole = (score(each.cases, cluster, chosen, draws=draws, seed=seed) for each in pair)
    return {
        "n": int(held["row"].nunique()),
        "predictions": len(held),
        "clusters": len(np.unique(cluster)),
        "elsewhere": int(away.sum()),
        "partly": int((pair[0].moved(pair[1]) & ~away).sum()),
        "metrics": {key: {"end_to_end": whole[key].to_dict(), "oracle": best[key].to_dict(), "loss": lost[key].to_dict()} for key in chosen},
        "errors": spared(*pair, draws=draws, seed=seed),
    }


def loss(oracle: Scored, end: Scored, chosen: Mapping[str, Metric], *, draws: int, seed: int) -> dict[str, Difference]:
    """The loss by routing: how far the oracle lies above the whole, figure by figure, by the paired bootstrap over components.

    Parameters
    ----------
    oracle, end : the same cases, answered by the known part's expert and by whatever the router chose
    chosen : from `metrics.metrics`

    Notes
    -----
    Only rows that the router sent elsewhere (under soft routing, all) tell the two apart, so they are what a draw must vary. Where no row
    is answered otherwise the loss is 0 without an interval; where those that are lie in fewer than 10 components, proportions have Agresti
    and Min's interval and other figures none (`overread.evaluation.comparison.differences`, `FEWEST`).
    """
    behind = len(np.unique(end.component[oracle.moved(end)]))
    if not behind:
        return dict.fromkeys(chosen, Difference(0.0, None, None, 1.0, "none: every row has the answer of its own part's expert"))
    found = differences([oracle, end], chosen, draws=draws, seed=seed)[0, 1]
    if behind >= FEWEST:
        return found
    why = f"{behind} component{'s' * (behind > 1)} answered by another expert, {FEWEST} are needed"
    return {
        name: figure if name in BY_TRUTH or figure.low is None else Difference.bare(np.nan if figure.value is None else figure.value, why)
        for name, figure in found.items()
    }


def spared(oracle: Scored, end: Scored, *, draws: int, seed: int) -> dict[str, Any]:
    """Whose errors they are: those of the whole that the oracle router does not make, and those that it makes instead.

    Returns
    -------
    dict
        Counts of predictions: ``end_to_end`` and ``oracle`` errors, ``spared`` (the oracle alone is right), ``caused`` (the whole alone is
        right); ``share``: the part of the whole's errors that is spared, with its interval; None where it makes none.
    """
    wrong = ~end.right
    counts = {"end_to_end": wrong, "oracle": ~oracle.right, "spared": wrong & oracle.right, "caused": end.right & ~oracle.right}
    share = proportion(oracle.right[wrong], end.component[wrong], draws, seed).to_dict() if wrong.any() else None
    return {**{name: int(rows.sum()) for name, rows in counts.items()}, "share": share}


def proportion(yes: np.ndarray, cluster: np.ndarray, draws: int, seed: int) -> Interval:
    """The share of (n,) bool cases, with the interval that an accuracy has."""
    said = yes.astype(int)
    cases = Cases(np.ones(len(said), dtype=int), np.stack([1.0 - said, said], 1), said)
    return score(cases, cluster, {"accuracy": accuracy}, draws=draws, seed=seed)["accuracy"]
