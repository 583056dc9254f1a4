"""Pictures that are extremely small or extremely long: what was fitted to the network's square is then not what was seen."""

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.odd import odd_pictures
from overread.catalog import FACT
from overread.findings import Finding

SMALL = 64
"""Shorter side in pixels below which little of an anatomy is left."""

SHRUNK = 16
"""How many times smaller in area than the set's median a picture is that was resaved as a preview."""

LONG = 4
"""Longer side over shorter side."""


@check("odd-sizes", cheap=True)
def odd_sizes(context: Context) -> list[Finding]:
    """Extremely small, much smaller than the others, or extremely elongated pictures, by the sides of the file."""
    width, height = (context.rows[FACT + side].astype(float) for side in ("width", "height"))
    short, long = pd.concat([width, height], axis=1).min(axis=1), pd.concat([width, height], axis=1).max(axis=1)
    size = width.astype(int).astype("str") + " x " + height.astype(int).astype("str") + " px"
    reason = pd.Series("", index=context.rows.index, dtype="str")
    reason = reason.mask(width * height * SHRUNK < (width * height).median(), "much smaller than the others (" + size + ")")
    reason = reason.mask(long > LONG * short, "elongated (" + size + ")")
    reason = reason.mask(short < SMALL, "small (" + size + ")")
    mend = "Fetch them at full size; look whether an elongated one is a strip of a film, or several views in one file."
    sides = f"All sides are {short.min():.0f}" if short.min() == long.max() else f"Sides are {short.min():.0f} to {long.max():.0f}"
    clean = f"{sides} px: no picture is extremely small or elongated."
    return [odd_pictures(context, "odd-sizes", reason, "pictures are extremely small or elongated", mend, clean)]
