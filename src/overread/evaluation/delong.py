"""DeLong's interval of an AUROC, for cases that are independent of each other: one row a component."""

from math import sqrt

import numpy as np
from scipy.stats import norm, rankdata

from overread.evaluation.intervals import Interval


def delong(truth: np.ndarray, score: np.ndarray, level: float = 0.95) -> Interval:
    """AUROC with the interval of DeLong, DeLong & Clarke-Pearson (1988), by the fast midranks of Sun & Xu (2014).

    Parameters
    ----------
    truth : (n,) 0 or 1
    score : (n,) float, higher for positives

    Returns
    -------
    Interval
        Normal on the AUROC's own scale and cut at 0 and 1; without bounds if a class has fewer than two cases.
    """
    positive, negative = score[truth == 1], score[truth == 0]
    m, n = len(positive), len(negative)
    if min(m, n) < 2:
        return Interval.bare(float("nan"), "a class has fewer than two cases")
    together = rankdata(np.concatenate([positive, negative]))
    above = (together[:m] - rankdata(positive)) / n
    below = 1 - (together[m:] - rankdata(negative)) / m
    area = float(above.mean())
    error = sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n)
    if error == 0:
        return Interval.bare(area, "every case ranked alike, DeLong's variance is 0")
    half = float(norm.ppf((1 + level) / 2)) * error
    return Interval(area, max(0.0, area - half), min(1.0, area + half), "DeLong")
