"""Who is filmed, where and how: patients, studies and views as a table, with the features that go with the label as strongly as asked."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from overread.datasets.phantom.anatomy import REGIONS, VIEWS
from overread.datasets.phantom.detector import SCANNERS, SITES
from overread.datasets.phantom.seam import KINDS

SHARES = {"site": 0.4, "marker": 0.5, "border": 0.4, "contrast": 0.5}
"""How many studies are from the first site, and how many films have a letter, are collimated, are rendered with high contrast."""

LABELS = ("no fracture", "fracture")


def enrol(n: int, seed: int, prevalence: float, odds: dict[str, float]) -> pd.DataFrame:
    """The table of a made-up cohort, a row a film, before anything is drawn.

    A patient belongs to one site and has one or two studies, each of one body part and side, broken or not, with one to three views.

    Parameters
    ----------
    n : films
    prevalence : share of studies with a fracture
    odds : for marker, border, site and contrast, the odds ratio between the label and the feature (letter on the film; collimated;
        from the first site; high contrast). 1 is none

    Returns
    -------
    pandas.DataFrame
        `fracture`, `patient`, `study`, `site`, `scanner`, `body_part`, `view`, `laterality`, `kind` (of fracture, blank where whole),
        `marked` and `border` (yes, no), `contrast` (high, low).
    """
    draw = np.random.default_rng([seed, 0])
    rows: list[dict[str, Any]] = []
    patient = 0
    while len(rows) < n:
        rows.extend(_patient(f"p{patient:05d}", prevalence, odds, draw))
        patient += 1
    return pd.DataFrame(rows[:n])


def share_given(label: bool, prevalence: float, share: float, odds: float) -> float:
    """Share with a feature among those with, or without, the label.

    Parameters
    ----------
    prevalence : share with the label
    share : with the feature, among all
    odds : ratio of the feature's odds with the label to those without; solved so that `prevalence` and `share` hold (Fleiss, Levin &
        Paik 2003, "Statistical methods for rates and proportions", 6.3)
    """
    if odds == 1 or prevalence in {0, 1}:
        return share
    without, linear = (1 - prevalence) * (odds - 1), prevalence * odds + (1 - prevalence) - share * (odds - 1)
    low = (-linear + sqrt(linear**2 + 4 * without * share)) / (2 * without)
    return (share - (1 - prevalence) * low) / prevalence if label else low


def _patient(name: str, prevalence: float, odds: dict[str, float], draw: np.random.Generator) -> Iterator[dict[str, Any]]:
    """The films of one patient."""
    first = bool(draw.random() < SHARES["site"])
    site = SITES[0] if first else str(draw.choice(SITES[1:]))
    likely = share_given(first, SHARES["site"], prevalence, odds["site"])
    for study in range(1, 2 + int(draw.random() < 0.3)):
        broken = bool(draw.random() < likely)
        shared = {
            "fracture": LABELS[broken],
            "patient": name,
            "study": f"{name}-s{study}",
            "site": site,
            "scanner": str(draw.choice([scanner for scanner, machine in SCANNERS.items() if machine.site == site])),
            "body_part": str(draw.choice(list(REGIONS))),
            "laterality": str(draw.choice(["L", "R"])),
        }
        kind = str(draw.choice(KINDS))
        for view in sorted(draw.choice(len(VIEWS), draw.integers(1, len(VIEWS) + 1), replace=False)):
            there = {name: draw.random() < share_given(broken, prevalence, SHARES[name], odds[name]) for name in ("marker", "border", "contrast")}
            yield {
                **shared,
                "view": VIEWS[view],
                "kind": kind if broken else "",
                "marked": "yes" if there["marker"] else "no",
                "border": "yes" if there["border"] else "no",
                "contrast": "high" if there["contrast"] else "low",
            }
