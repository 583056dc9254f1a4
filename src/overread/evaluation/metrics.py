"""Point metrics, each written once, for weighted cases: with weights of one it is the metric, with bootstrap counts it is all draws of it.

scikit-learn has most of these for one sample at a time; 2,000 draws of 18 metrics need them vectorised over weights, so that is the
one form here, and the point estimate is the same function with every weight one. The tests hold it to scikit-learn's value to 1e-9.
Every function takes Counts and returns (draws,) floats, NaN where the metric is undefined: no case called positive has no precision.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from overread.evaluation.counts import Cases, Counts, ratio
from overread.evaluation.recalibration import in_the_large, recalibrate

Metric = Callable[[Counts], np.ndarray]

BINS = 15
"""Equal-width bins of the expected calibration error (Guo et al. 2017)."""


def accuracy(counts: Counts) -> np.ndarray:
    """Share of cases decided rightly."""
    return ratio(np.trace(counts.confusion, axis1=1, axis2=2), counts.total)


def balanced_accuracy(counts: Counts) -> np.ndarray:
    """Mean sensitivity of the classes that are present."""
    return _mean_of_defined(ratio(np.diagonal(counts.confusion, axis1=1, axis2=2), counts.confusion.sum(2)))


def sensitivity(counts: Counts) -> np.ndarray:
    """Share of the positive cases called positive (recall)."""
    return ratio(counts.confusion[:, 1, 1], counts.confusion[:, 1].sum(1))


def specificity(counts: Counts) -> np.ndarray:
    """Share of the negative cases called negative."""
    return ratio(counts.confusion[:, 0, 0], counts.confusion[:, 0].sum(1))


def ppv(counts: Counts) -> np.ndarray:
    """Share of the cases called positive that are (precision), at the prevalence of these cases."""
    return ratio(counts.confusion[:, 1, 1], counts.confusion[:, :, 1].sum(1))


def npv(counts: Counts) -> np.ndarray:
    """Share of the cases called negative that are, at the prevalence of these cases."""
    return ratio(counts.confusion[:, 0, 0], counts.confusion[:, :, 0].sum(1))


def ppv_at(counts: Counts, prevalence: float) -> np.ndarray:
    """Positive predictive value where a share `prevalence` is positive: Bayes' rule on sensitivity and specificity."""
    true = sensitivity(counts) * prevalence
    return ratio(true, true + (1 - specificity(counts)) * (1 - prevalence))


def npv_at(counts: Counts, prevalence: float) -> np.ndarray:
    """Negative predictive value where a share `prevalence` is positive."""
    true = specificity(counts) * (1 - prevalence)
    return ratio(true, true + (1 - sensitivity(counts)) * prevalence)


def f1(counts: Counts) -> np.ndarray:
    """Harmonic mean of precision and sensitivity of the positive class."""
    return _f1_by_class(counts)[:, 1]


def f1_macro(counts: Counts) -> np.ndarray:
    """Mean F1 of the classes that occur in truth or decision."""
    return _mean_of_defined(_f1_by_class(counts))


def f1_weighted(counts: Counts) -> np.ndarray:
    """Mean F1 of the classes, weighted by how often each is the truth."""
    return ratio((np.nan_to_num(_f1_by_class(counts)) * counts.confusion.sum(2)).sum(1), counts.total)


def kappa(counts: Counts) -> np.ndarray:
    """Cohen's kappa: agreement of decision and truth beyond chance."""
    return _kappa(counts.confusion, 1 - np.eye(counts.cases.classes))


def kappa_quadratic(counts: Counts) -> np.ndarray:
    """Cohen's kappa with disagreements weighted by the squared distance of the classes, for ordinal targets."""
    place = np.arange(counts.cases.classes)
    return _kappa(counts.confusion, (place[:, None] - place) ** 2.0)


def mcc(counts: Counts) -> np.ndarray:
    """Matthews' correlation coefficient, for any number of classes (Gorodkin 2004)."""
    truth, decision, total = counts.confusion.sum(2), counts.confusion.sum(1), counts.total
    right = np.trace(counts.confusion, axis1=1, axis2=2)
    spread = (total**2 - (truth**2).sum(1)) * (total**2 - (decision**2).sum(1))
    return ratio(right * total - (truth * decision).sum(1), np.sqrt(spread))


def auroc(counts: Counts) -> np.ndarray:
    """Probability that a positive case scores above a negative one, ties one half; of several classes the mean, each against the rest."""
    if counts.cases.classes > 2:
        return _mean_of_defined(np.stack([auroc(one) for one in counts.one_against_rest], 1))
    true, false = counts.found
    fresh = np.diff(false, axis=1, prepend=0.0)
    above = np.einsum("dg,dg->d", fresh, true) - 0.5 * np.einsum("dg,dg->d", fresh, np.diff(true, axis=1, prepend=0.0))
    return ratio(above, true[:, -1] * false[:, -1])


def average_precision(counts: Counts) -> np.ndarray:
    """Precision at each distinct score, weighted by the sensitivity gained there; of several classes the mean, each against the rest."""
    if counts.cases.classes > 2:
        return _mean_of_defined(np.stack([average_precision(one) for one in counts.one_against_rest], 1))
    true, false = counts.found
    precision = np.nan_to_num(ratio(true, true + false))
    return ratio(np.einsum("dg,dg->d", np.diff(true, axis=1, prepend=0.0), precision), true[:, -1])


def brier(counts: Counts) -> np.ndarray:
    """Mean squared error of the positive class's probability; of several classes the sum over them."""
    error = (counts.cases.probability - np.eye(counts.cases.classes)[counts.cases.truth]) ** 2
    return counts.mean(error[:, -1] if counts.cases.classes == 2 else error.sum(1))


def log_loss(counts: Counts) -> np.ndarray:
    """Mean negative log-probability of the true class, in nats."""
    given = np.take_along_axis(counts.cases.probability, counts.cases.truth[:, None], 1)[:, 0]
    return counts.mean(-np.log(given.clip(np.finfo(float).eps, 1)))


def ece(counts: Counts) -> np.ndarray:
    """Expected calibration error over 15 equal-width bins: mean distance of observed share and mean probability, weighted by cases.

    Two classes: of the positive class's probability. More: of the likeliest class's, against how often it is the true one.
    """
    cases = counts.cases
    if cases.classes == 2:
        said, happened = cases.score, cases.truth
    else:
        said, happened = cases.probability.max(1), cases.probability.argmax(1) == cases.truth
    inside = np.eye(BINS)[np.minimum((said * BINS).astype(int), BINS - 1)]
    return ratio(np.abs(counts.weight @ (inside * (said - happened)[:, None])).sum(1), counts.total)


def calibration_slope(counts: Counts) -> np.ndarray:
    """Slope of truth on log-odds (Cox 1958): 1 is right, below 1 the probabilities are too extreme. NaN if the classes are separable."""
    return recalibrate(counts.cases.logit, counts.cases.truth, counts.weight, counts.cases.recalibration)[:, 1]


def calibration_intercept(counts: Counts) -> np.ndarray:
    """Intercept with the slope held at 1, calibration-in-the-large (Van Calster et al. 2019): 0 is right, above 0 risk is understated."""
    return in_the_large(counts.cases.logit, counts.cases.truth, counts.weight, counts.cases.shift)


DECIDED: dict[str, Metric] = {
    "sensitivity": sensitivity,
    "specificity": specificity,
    "ppv": ppv,
    "npv": npv,
}
RANKED: dict[str, Metric] = {"auroc": auroc, "average_precision": average_precision}
AGREED: dict[str, Metric] = {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy}
CALIBRATED: dict[str, Metric] = {"brier": brier, "log_loss": log_loss, "ece": ece}
RECALIBRATED: dict[str, Metric] = {"calibration_slope": calibration_slope, "calibration_intercept": calibration_intercept}


def metrics(kind: str, prevalence: float | None = None) -> dict[str, Metric]:
    """Every metric of a target of that kind, by name; `prevalence` adds PPV and NPV there."""
    if kind != "binary":
        graded: dict[str, Metric] = {"kappa_quadratic": kappa_quadratic} if kind == "ordinal" else {}
        return {**RANKED, **AGREED, "f1_macro": f1_macro, "f1_weighted": f1_weighted, "kappa": kappa, **graded, "mcc": mcc, **CALIBRATED}
    stated: dict[str, Metric] = {}
    if prevalence is not None:
        stated = {"ppv_at_prevalence": partial(ppv_at, prevalence=prevalence), "npv_at_prevalence": partial(npv_at, prevalence=prevalence)}
    return {**RANKED, **DECIDED, **stated, **AGREED, "f1": f1, "kappa": kappa, "mcc": mcc, **CALIBRATED, **RECALIBRATED}


def class_metrics() -> dict[str, Metric]:
    """The metrics of one class against the rest."""
    return {**RANKED, **DECIDED, "f1": f1, **RECALIBRATED}


def subgroup_metrics(kind: str) -> dict[str, Metric]:
    """The few metrics that a subgroup table has room for."""
    chosen = (
        ("auroc", "sensitivity", "specificity", "kappa", "accuracy", "balanced_accuracy")
        if kind == "binary"
        else ("auroc", "kappa", "accuracy", "balanced_accuracy")
    )
    every = metrics(kind)
    return {name: every[name] for name in chosen}


def events(name: str, cases: Cases) -> tuple[np.ndarray, np.ndarray] | None:
    """What a proportion is a proportion of: (n,) bool among, (n,) bool right; None for a metric that is no proportion."""
    right = cases.decision == cases.truth
    among = {
        "accuracy": np.ones(len(cases), dtype=bool),
        "sensitivity": cases.truth == 1,
        "specificity": cases.truth == 0,
        "ppv": cases.decision == 1,
        "npv": cases.decision == 0,
    }
    return (among[name], right) if name in among else None


def point(cases: Cases, chosen: dict[str, Metric]) -> dict[str, float]:
    """The chosen metrics of the cases as they are."""
    counts = Counts.plain(cases)
    return {name: float(metric(counts)[0]) for name, metric in chosen.items()}


def _f1_by_class(counts: Counts) -> np.ndarray:
    """(draws, C)"""
    right = np.diagonal(counts.confusion, axis1=1, axis2=2)
    return ratio(2 * right, counts.confusion.sum(2) + counts.confusion.sum(1))


def _kappa(confusion: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """1 - observed cost of disagreement / the cost expected if truth and decision were independent."""
    total = confusion.sum((1, 2))
    expected = confusion.sum(2)[:, :, None] * confusion.sum(1)[:, None, :]
    return 1 - ratio((confusion * cost).sum((1, 2)) * total, (expected * cost).sum((1, 2)))


def _mean_of_defined(values: np.ndarray) -> np.ndarray:
    """(draws,) mean over classes, leaving out those for which the value is undefined."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0).sum(1), known.sum(1))
