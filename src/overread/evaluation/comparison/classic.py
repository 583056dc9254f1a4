"""The tests that every reviewer knows, for cases that are independent of each other: one row a component."""

from math import sqrt

import numpy as np
from scipy.stats import binom, norm

from overread.evaluation.comparison.difference import Difference
from overread.evaluation.delong import placements


def delong_paired(truth: np.ndarray, one: np.ndarray, other: np.ndarray, level: float = 0.95) -> Difference:
    """How far one score's AUROC lies above another's on the same cases (DeLong, DeLong & Clarke-Pearson 1988).

    Parameters
    ----------
    truth : (n,) 0 or 1
    one, other : (n,) float, higher for positives

    Returns
    -------
    Difference
        Normal, on the difference's own scale; without bounds if a class has fewer than two cases or no variance is left.
    """
    above_one, below_one = placements(truth, one)
    above_other, below_other = placements(truth, other)
    m, n = len(above_one), len(below_one)
    if min(m, n) < 2:
        return Difference(None, None, None, None, "none: a class has fewer than two cases")
    above, below = above_one - above_other, below_one - below_other
    value, error = float(above.mean()), sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n)
    if error < 1e-15:
        return Difference(value, None, None, 1.0 if value == 0 else None, "none: both rank every pair alike")
    half = float(norm.ppf((1 + level) / 2)) * error
    return Difference(value, value - half, value + half, float(2 * norm.sf(abs(value) / error)), "DeLong, paired")


def mcnemar(one: np.ndarray, other: np.ndarray) -> dict[str, float | int]:
    """McNemar's exact test (1947): whether two models are right equally often, from the cases that only one of them gets right.

    Parameters
    ----------
    one, other : (n,) bool, whether each model is right

    Returns
    -------
    dict
        `only_one` and `only_other`, counts of those cases, and `p`, two-sided from the binomial.
    """
    only_one, only_other = int((one & ~other).sum()), int((other & ~one).sum())
    p = min(1.0, 2 * float(binom.cdf(min(only_one, only_other), only_one + only_other, 0.5)))
    return {"only_one": only_one, "only_other": only_other, "p": p}
