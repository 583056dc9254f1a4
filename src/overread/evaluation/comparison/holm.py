"""Holm's adjustment: of many comparisons some come out small by chance."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Adjusted p values, in the order given (Holm 1979); None stays None and is not counted.

    Of all comparisons whose adjusted p is below 0.05, one or more is a mere accident in at most 5 % of studies, whatever their dependence.
    """
    known = [(value, place) for place, value in enumerate(p) if value is not None]
    order = [place for _, place in sorted(known)]
    scaled = [value * (len(known) - rank) for rank, (value, _) in enumerate(sorted(known))]
    adjusted = np.minimum(1, np.maximum.accumulate(scaled)).tolist() if scaled else []
    at = dict(zip(order, adjusted, strict=True))
    return [at.get(place) for place in range(len(p))]
