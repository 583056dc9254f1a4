"""Every metric of some cases with the interval that is honest for it."""

from collections.abc import Mapping

import numpy as np

from overread.evaluation.counts import Cases, Counts
from overread.evaluation.intervals import FEWEST, Interval, clustered_bootstrap, flawless, wilson
from overread.evaluation.metrics import Metric, events

SCARCE = 5
"""Components right (or wrong) below which a proportion's bootstrap has too few of them to draw, and Wilson's interval stands in."""

UNIT = {"auroc", "average_precision", "balanced_accuracy", "f1", "f1_macro", "f1_weighted", "kappa", "kappa_quadratic", "mcc"}
"""Metrics that are 1 when nothing is wrong and have no denominator of their own."""


def score(cases: Cases, cluster: np.ndarray, chosen: Mapping[str, Metric], *, draws: int, seed: int) -> dict[str, Interval]:
    """The chosen metrics with their 95 % intervals.

    Parameters
    ----------
    cases : n of them
    cluster : (n,) the component of each case
    chosen : from `metrics.metrics` or `metrics.class_metrics`

    Returns
    -------
    dict of str to Interval
        A BCa bootstrap over components. Proportions with fewer than 5 components right or wrong: Wilson with a design effect. A metric
        without errors, 1 exactly: Wilson on the components of the rarest class.
        Fewer than 10 components behind it (in the denominator of a proportion, in the rarest class otherwise): no interval.
    """
    rarest = min(_count(cluster[cases.truth == one]) for one in range(cases.classes))
    behind = {name: rarest if (event := events(name, cases)) is None else _count(cluster[event[0]]) for name in chosen}
    enough = {name: metric for name, metric in chosen.items() if behind[name] >= FEWEST}

    def statistic(weight: np.ndarray) -> dict[str, np.ndarray]:
        counts = Counts(cases, weight)
        return {name: metric(counts) for name, metric in enough.items()}

    found = clustered_bootstrap(statistic, cluster, draws=draws, seed=seed, components=behind) if enough else {}
    for name, metric in chosen.items():
        if name not in enough:
            found[name] = Interval.bare(float(metric(Counts.plain(cases))[0]), f"{behind[name]} components behind it, {FEWEST} are needed")
        else:
            found[name] = _at_the_bounds(name, found[name], cases, cluster, rarest)
    return {name: found[name] for name in chosen}


def _at_the_bounds(name: str, interval: Interval, cases: Cases, cluster: np.ndarray, rarest: int) -> Interval:
    """The interval, or Wilson's where too little went wrong (or right) for a bootstrap to draw from."""
    event = events(name, cases)
    if event is not None:
        among, right = event
        if min(_count(cluster[among & right]), _count(cluster[among & ~right])) < SCARCE:
            return wilson(right[among], cluster[among])
    elif name in UNIT and interval.value is not None and interval.value > 1 - 1e-12:
        return flawless(interval.value, rarest)
    return interval


def _count(cluster: np.ndarray) -> int:
    return len(np.unique(cluster))
