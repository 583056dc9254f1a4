"""How often the 95 % interval holds the truth, in 2,000 simulated studies of correlated patients.

A study is 100 patients of 1 to 9 images, 45 % of them ill in all images. An image's score is its illness plus a part that its patient's
other images share (the intra-class correlation, 0.3 or 0.6 of the variance) plus a part of its own. The truth is the figure of 400,000
such patients. Three intervals see each study: that of `overread` (components drawn, BCa, t quantiles), plain percentiles over the same
draws, and the naive one that draws images as if each were a patient.

The last two settings count radiological studies, as `evaluation.unit: study` does: patients have 1 to 3 of them, of 1 to 4 images each;
a third of a patient's studies share its illness, and an image's score has a part that its patient shares (that intra-class correlation),
a part that its study shares (0.2 of the variance) and one of its own. The images of a study are pooled by the mean.

    python benchmarks/coverage.py [studies]
"""

import sys
import time
from collections import defaultdict
from typing import Any

import numpy as np
from record import record
from scipy.special import expit, log_expit

from overread.evaluation.counts import Cases, Counts
from overread.evaluation.intervals import draw_weights
from overread.evaluation.metrics import metrics, point
from overread.evaluation.pooling import pool
from overread.evaluation.scoring import score

SEED = 20
DRAWS = 1000
WATCHED = ("auroc", "sensitivity", "kappa")

SETTINGS: list[dict[str, Any]] = [
    {"correlation": 0.3, "patients": 100, "separation": 1.3},
    {"correlation": 0.6, "patients": 100, "separation": 1.3},
    {"correlation": 0.3, "patients": 100, "separation": 2.6},
    {"correlation": 0.6, "patients": 100, "separation": 2.6},
    {"correlation": 0.6, "patients": 40, "separation": 1.3},
    {"correlation": 0.3, "patients": 100, "separation": 1.3, "unit": "study"},
    {"correlation": 0.6, "patients": 100, "separation": 1.3, "unit": "study"},
]
"""The first two and the last two are what is promised; an easier task, whose figures lie near 1, and fewer patients show where it frays."""


def study(random: np.random.Generator, patients: int, correlation: float, separation: float) -> tuple[Cases, np.ndarray]:
    """Cases of one simulated study, and the patient of each."""
    patient = np.repeat(np.arange(patients), random.integers(1, 10, patients))
    ill = (random.random(patients) < 0.45)[patient].astype(int)
    shared, own = random.normal(size=patients)[patient], random.normal(size=len(patient))
    p = expit(separation * (ill - 0.5) + np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)
    return Cases(ill, np.stack([1 - p, p], 1), (p >= 0.5).astype(int)), patient


def pooled_study(random: np.random.Generator, patients: int, correlation: float, separation: float) -> tuple[Cases, np.ndarray]:
    """Cases of one simulated study that counts radiological studies, and the patient of each."""
    patient = np.repeat(np.arange(patients), random.integers(1, 4, patients))
    ill = (random.random(patients) < 0.45)[patient]
    ill = np.where(random.random(len(patient)) < 1 / 3, ill, random.random(len(patient)) < 0.45).astype(int)
    views = random.integers(1, 5, len(patient))
    level = separation * (ill - 0.5) + np.sqrt(correlation) * random.normal(size=patients)[patient] + np.sqrt(0.2) * random.normal(size=len(patient))
    odds = np.repeat(level, views) + np.sqrt(0.8 - correlation) * random.normal(size=views.sum())
    log_p = np.stack([log_expit(-odds), log_expit(odds)], 1)
    p = np.exp(pool(log_p, np.cumsum(views) - views, "mean", True))
    return Cases(ill, p, (p[:, 1] >= 0.5).astype(int)), patient


MAKERS = {"image": study, "study": pooled_study}

NAIVE = {"image": "images", "study": "studies"}


def coverage(
    studies: int, patients: int, correlation: float, separation: float, seed: int = SEED, unit: str = "image"
) -> list[dict[str, float | str]]:
    """One row a metric and method: how often the truth lay inside, below and above, and the median width."""
    chosen = {name: metric for name, metric in metrics("binary").items() if name in WATCHED}
    make = MAKERS[unit]
    truth = point(make(np.random.default_rng(seed), 400_000, correlation, separation)[0], chosen)
    bounds: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    random = np.random.default_rng(seed + 1)
    for number in range(studies):
        cases, patient = make(random, patients, correlation, separation)
        held = np.concatenate(list(draw_weights(patient, DRAWS, number)))
        for name, metric in chosen.items():
            low, high = np.nanquantile(metric(Counts(cases, held)), [0.025, 0.975])
            bounds[name, "percentile, patients drawn"].append((low, high))
        for method, cluster in (("overread", patient), (f"naive, {NAIVE[unit]} drawn", np.arange(len(patient)))):
            for name, figure in score(cases, cluster, chosen, draws=DRAWS, seed=number).items():
                bounds[name, method].append((figure.low, figure.high))
    rows = []
    for (name, method), pairs in sorted(bounds.items()):
        low, high = np.array(pairs, dtype=float).T
        told = ~np.isnan(low)
        setting = {"unit": unit, "metric": name, "method": method, "patients": patients, "correlation": correlation, "truth": round(truth[name], 4)}
        under, over = (low[told] > truth[name]).mean(), (high[told] < truth[name]).mean()
        rows.append(
            {
                **setting,
                "coverage": round(float(1 - under - over), 4),
                "truth_below": round(float(under), 4),
                "truth_above": round(float(over), 4),
                "median_width": round(float(np.median((high - low)[told])), 4),
                "studies": int(told.sum()),
            }
        )
    return rows


def main(studies: int = 2000) -> None:
    begun, rows = time.perf_counter(), []
    for setting in SETTINGS:
        found = coverage(studies, **setting)
        rows += found
        for row in found:
            print(
                "{unit:5} {metric:12} {method:28} {patients:4} patients  ICC {correlation}  truth {truth:.3f}  coverage {coverage:.3f}".format(**row),
                flush=True,
            )
    print(record("coverage", SEED, rows, draws=DRAWS, seconds=round(time.perf_counter() - begun)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
