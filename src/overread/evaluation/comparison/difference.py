"""How far one model's figure lies above another's on the same rows, and the ways to an interval where a bootstrap has too little to draw."""

from dataclasses import asdict, dataclass
from math import hypot, sqrt

import numpy as np
from scipy.stats import norm, t

from overread.evaluation.intervals import Interval


@dataclass(frozen=True)
class Difference:
    """A difference, its 95 % interval and the two-sided p of there being none; None where that is not honest, and `method` says why or how."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    method: str

    def to_dict(self) -> dict[str, float | str | None]:
        return asdict(self)

    @classmethod
    def bare(cls, value: float, why: str) -> "Difference":
        """A value without interval and p."""
        return cls(float(value) if np.isfinite(value) else None, None, None, None, f"none: {why}")


def bootstrapped(value: float, drawn: np.ndarray, components: int, level: float = 0.95) -> Difference:
    """Difference of any figure: Student's interval on the spread of its draws.

    Parameters
    ----------
    value : of all cases
    drawn : (draws,) of bootstrap draws of components, the same for both models; NaN where a draw leaves a figure undefined
    components : that carry the difference: degrees of freedom, plus one

    Notes
    -----
    The test of pROC's ``roc.test(method = "bootstrap")`` (Robin et al. 2011) for any figure, with Student's quantiles in the place of normal
    ones, and the spread that so few components leave out put back. Of two models that are equally good it calls 3 to 6 % different, and fewer
    near an AUROC of 1, where the bias-corrected interval of a single figure, taken for the difference, calls 12 %. Two models that differ in
    no draw are not told apart: p is 1.
    """
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(value):
        return Difference.bare(value, "undefined in these cases")
    if len(known) < 0.9 * len(drawn):
        return Difference.bare(value, "undefined in too many draws")
    error = float(known.std(ddof=1)) * sqrt(components / (components - 1))
    if error < 1e-12:
        return (
            Difference(value, None, None, 1.0, "none: equal in every draw")
            if abs(value) < 1e-12
            else Difference.bare(value, "the same in every draw")
        )
    half = float(t.ppf((1 + level) / 2, components - 1)) * error
    return Difference(value, value - half, value + half, float(2 * t.sf(abs(value) / error, components - 1)), "paired cluster bootstrap")


def carrying(without: np.ndarray) -> int:
    """How many components carry a difference: all where none stands out, as few as do most of it where the others hardly count; at least 2.

    Parameters
    ----------
    without : (k,) the difference without each component; NaN where that leaves a figure undefined

    Notes
    -----
    k over one plus the excess kurtosis of the components' influences, and no more than k. Influences that are normal leave k; m of many that
    are equal, the others nought, have a kurtosis of k / m and leave little more than m, Kish's (1965) effective number of their squares.
    """
    known = without[np.isfinite(without)]
    square = (known - known.mean()) ** 2 if len(known) else np.zeros(0)
    if not square.sum() > 0:
        return 2
    kurtosis = float(len(known) * (square**2).sum() / square.sum() ** 2)
    return max(2, round(len(known) / max(1.0, kurtosis - 2)))


def discordant(difference: np.ndarray, cluster: np.ndarray, level: float = 0.95) -> Difference:
    """Difference of two paired proportions where few cases differ: half a case is added to each cell (Agresti & Min 2005).

    Parameters
    ----------
    difference : (n,) 1 where only the first model is right, -1 where only the second, 0 where they agree
    cluster : (n,) the component of each case

    Notes
    -----
    Counts are divided by the design effect of the differences (Kish 1965), at least 1 and at most that of wholly correlated cases, which
    it is where no case differs. Quantiles are Student's with one degree less than components. Five cases against none have a p of 0.04,
    where a bootstrap, which cannot draw what was not seen, says 0.025.
    """
    _, code = np.unique(cluster, return_inverse=True)
    size = np.bincount(code).astype(float)
    n, k, mean = size.sum(), len(size), difference.mean()
    effect = most = float((size**2).sum() / n)
    spread = (difference**2).mean() - mean**2
    if spread > 0:
        between = k / max(1, k - 1) * (np.bincount(code, weights=difference - mean) ** 2).sum() / n**2
        effect = float(np.clip(between / (spread / n), 1, most))
    cases, net, differing = n / effect + 2, difference.sum() / effect, np.abs(difference).sum() / effect
    centre, error = net / cases, sqrt(differing + 1 - net**2 / cases) / cases
    half = float(t.ppf((1 + level) / 2, max(1, k - 1))) * error
    p = float(2 * t.sf(abs(centre) / error, max(1, k - 1)))
    return Difference(float(mean), float(centre - half), float(centre + half), p, f"Agresti-Min, design effect {effect:.2g}")


def squared_and_added(one: Interval, other: Interval) -> Difference:
    """Difference of two figures from their own intervals, as if they were independent (Zou & Donner 2008): too wide for the same rows.

    For a model without an error: no resampling of it errs, so its own interval is all there is. The p is read off the interval
    (Altman & Bland 2011).
    """
    ends = (one.value, one.low, one.high, other.value, other.low, other.high)
    if any(end is None for end in ends):
        return Difference.bare((one.value or np.nan) - (other.value or np.nan), "one of the two has no interval")
    a, a_low, a_high, b, b_low, b_high = (float(end) for end in ends if end is not None)
    value = a - b
    low, high = value - hypot(a - a_low, b_high - b), value + hypot(a_high - a, b - b_low)
    reach = value - low if value > 0 else high - value
    p = float(2 * norm.sf(float(norm.ppf(0.975)) * abs(value) / reach)) if reach > 0 else None
    return Difference(value, low, high, p, "from the two intervals: one model makes no error")
