"""DeLong's interval of an AUROC, for cases that are independent of each other: one row a component."""

from math import sqrt

import numpy as np
from scipy.stats import norm, rankdata

from overread.evaluation.intervals import Interval


def delong(truth: np.ndarray, score: np.ndarray, level: float = 0.95) -> Interval:
    """AUROC with the interval of DeLong, DeLong & Clarke-Pearson (1988), see `placements`.

    Parameters
    ----------
    truth : (n,) 0 or 1
    score : (n,) float, higher for positives

    Returns
    -------
    Interval
        Normal on the AUROC's own scale and cut at 0 and 1; without bounds if a class has fewer than two cases.
    """
    above, below = placements(truth, score)
    m, n = len(above), len(below)
    if min(m, n) < 2:
        return Interval.bare(float("nan"), "a class has fewer than two cases")
    area = float(above.mean())
    error = sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n)
    if error == 0:
        return Interval.bare(area, "every case ranked alike, DeLong's variance is 0")
    half = float(norm.ppf((1 + level) / 2)) * error
    return Interval(area, max(0.0, area - half), min(1.0, area + half), "DeLong")


def placements(truth: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m,) the share of negatives below each positive and (n,) of positives above each negative, ties one half: their means are the AUROC.

    By the midranks of Sun & Xu (2014).
    """
    positive, negative = score[truth == 1], score[truth == 0]
    together = rankdata(np.concatenate([positive, negative]))
    m, n = len(positive), len(negative)
    return (together[:m] - rankdata(positive)) / max(1, n), 1 - (together[m:] - rankdata(negative)) / max(1, m)
