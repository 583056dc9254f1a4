"""How often the interval for the loss by routing holds the loss that was planted, in 1,000 simulated cascades a setting.

A cascade sees 300 patients with 1 to 3 studies of 1 to 4 images each; 45 % of the studies are ill. The known part's own expert scores an image
by its illness, a part that the patient's images share, one that the study's share, and one of its own; another part's expert sees a third of
the illness and leans to healthy. The router is made wrong on purpose, for a share of the images or of whole studies. The truth is the loss in
200,000 such patients.

    python benchmarks/routing.py [cascades]
"""

import sys
import time
from collections import defaultdict
from typing import Any

import numpy as np
from record import record
from scipy.special import expit

from overread.evaluation.comparison.differences import Scored
from overread.evaluation.counts import Cases
from overread.evaluation.metrics import metrics, point
from overread.evaluation.routing import loss

SEED = 60
DRAWS = 1000
WATCHED = ("auroc", "accuracy", "sensitivity", "kappa")

SETTINGS: list[dict[str, Any]] = [
    {"wrong": 0.1, "of": "images"},
    {"wrong": 0.1, "of": "studies"},
    {"wrong": 0.1, "of": "images", "unit": "study"},
    {"wrong": 0.1, "of": "images", "patients": 60},
    {"wrong": 0.03, "of": "images"},
    {"wrong": 0.01, "of": "images"},
    {"wrong": 0.1, "of": "images", "sight": 1.0},
]
"""The first three are what is promised; fewer patients and fewer wrong routes show where it frays; of the last, nothing is lost."""


def cascade(
    random: np.random.Generator, wrong: float, of: str, unit: str = "image", patients: int = 300, sight: float = 0.3
) -> tuple[Scored, Scored]:
    """What the known part's experts say, and what the cascade says.

    Parameters
    ----------
    wrong, of : the share of `images` or `studies` that is sent to another part's expert
    unit : `image`, or `study` whose probability is the mean of its images'
    sight : how much of the illness another part's expert sees; it leans to healthy unless it sees all
    """
    studies = random.integers(1, 4, patients)
    patient = np.repeat(np.arange(patients), studies)
    images = random.integers(1, 5, len(patient))
    study = np.repeat(np.arange(len(patient)), images)
    ill = (random.random(len(patient)) < 0.45).astype(int)
    shared = 0.5 * random.normal(size=patients)[patient[study]] + 0.5 * random.normal(size=len(patient))[study]
    right = 2.2 * (ill[study] - 0.5) + shared + 0.7 * random.normal(size=len(study))
    other = 2.2 * sight * (ill[study] - 0.5) - 0.3 * (sight < 1) + shared + 0.7 * random.normal(size=len(study))
    away = random.random(len(study)) < wrong if of == "images" else (random.random(len(patient)) < wrong)[study]
    both = [expit(right), expit(np.where(away, other, right))]
    if unit == "study":
        both = [np.bincount(study, weights=p) / images for p in both]
        truth, component = ill, patient
    else:
        truth, component = ill[study], patient[study]
    row = np.arange(len(truth))
    oracle, end = (Scored(Cases(truth, np.stack([1 - p, p], 1), (p >= 0.5).astype(int)), row, component) for p in both)
    return oracle, end


def planted(seed: int, **setting: Any) -> dict[str, float]:
    """The true loss in each figure: that of 200,000 patients."""
    chosen = {name: metrics("binary")[name] for name in WATCHED}
    oracle, end = (point(each.cases, chosen) for each in cascade(np.random.default_rng(seed), **{**setting, "patients": 200_000}))
    return {name: oracle[name] - end[name] for name in WATCHED}


def coverage(cascades: int, seed: int = SEED, **setting: Any) -> list[dict[str, Any]]:
    """One row a figure: how often the truth lay inside, below and above, how often there was no interval, and the median width."""
    chosen, truth = {name: metrics("binary")[name] for name in WATCHED}, planted(seed, **setting)
    found: dict[str, list[tuple[float | None, float | None]]] = defaultdict(list)
    random = np.random.default_rng(seed + 1)
    for number in range(cascades):
        for name, figure in loss(*cascade(random, **setting), chosen, draws=DRAWS, seed=number).items():
            found[name].append((figure.low, figure.high))
    rows = []
    for name, pairs in found.items():
        low, high = np.array(pairs, dtype=float).T
        told = ~np.isnan(low)
        under, over = (float(out[told].mean()) if told.any() else 0.0 for out in (low > truth[name], high < truth[name]))
        rows.append(
            {"metric": name, "wrong": setting["wrong"], "of": setting["of"], "unit": setting.get("unit", "image")}
            | {"patients": setting.get("patients", 300), "sight": setting.get("sight", 0.3), "truth": round(truth[name], 5)}
            | {"coverage": round(1 - under - over, 4) if told.any() else None, "truth_below": round(under, 4), "truth_above": round(over, 4)}
            | {"median_width": round(float(np.median((high - low)[told])), 4) if told.any() else None}
            | {"cascades": cascades, "without": int((~told).sum())}
        )
    return rows


def main(cascades: int = 1000) -> None:
    begun, rows = time.perf_counter(), []
    for setting in SETTINGS:
        for row in coverage(cascades, **setting):
            rows.append(row)
            print(*(f"{key} {value}" for key, value in row.items()), sep="  ", flush=True)
    print(record("routing", SEED, rows, draws=DRAWS, seconds=round(time.perf_counter() - begun)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
