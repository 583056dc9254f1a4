"""Pictures with nothing on them: blank, very dark, bleached, or cut off and filled up with grey."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.audit.base import Context, as_grey, check
from overread.audit.odd import odd_pictures
from overread.findings import Finding

EVEN = 4.0
"""Standard deviation of grey levels (of 255) up to which a picture is blank."""

DARK, LIGHT = 64, 235
"""Very dark: the brightest 1 % is below the first; bleached: half of it is above the second."""

ROW, APART, CUT = 2.5, 16, 0.05
"""A row is filled where its standard deviation is below the first; a fill lies so far inside the picture's range, over this share of it."""


@check("blank")
def blank(context: Context) -> list[Finding]:
    """Pictures that show nothing, or stop before their end, each with the reason."""
    dark, middle, bright, spread, cut = context.measured(_looks).T
    reason = pd.Series("", index=context.rows.index, dtype="str")
    share = pd.Series(cut, index=context.rows.index).map("{:.0%}".format)
    reason = reason.mask(cut > CUT, "cut off (the lower " + share + " is one grey)")
    reason = reason.mask(middle > LIGHT, "bleached")
    reason = reason.mask(bright < DARK, "very dark")
    reason = reason.mask((spread < EVEN) | (bright - dark < 2), "blank")
    mend = "Look at them: fetch a cut-off file again, and leave out what shows nothing (its label cannot have come from it)."
    clean = "No picture is blank, very dark, bleached or cut off."
    return [odd_pictures(context, "blank", reason, "pictures show little or nothing", mend, clean)]


def _looks(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Grey levels that 1, 50 and 99 % of the picture are below, their standard deviation, and the share of the picture that is fill."""
    grey = as_grey(picture)
    return np.array([*np.percentile(grey, [1, 50, 99]), grey.std(), _filled(grey.astype(float))])


def _filled(grey: NDArray[np.float64]) -> float:
    """The share of rows, from the last upward, that are one grey well inside the range of the rows above: a decoder fills up so."""
    spread, level = grey.std(axis=1), grey.mean(axis=1)
    alike = (spread < ROW) & (np.abs(level - level[-1]) < ROW)
    rows = len(grey) if alike.all() else int(alike[::-1].argmin())
    if not 0 < rows < len(grey):
        return 0.0
    low, high = np.percentile(grey[:-rows], [5, 95])
    return rows / len(grey) if low + APART < level[-1] < high - APART else 0.0
