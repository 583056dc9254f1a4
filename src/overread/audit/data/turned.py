"""Pictures that were turned: by a tag that not every program reads, or by a hand that left its mark in the corners."""

import pandas as pd

from overread.audit.base import Context, as_grey, check
from overread.audit.corners import turned_by
from overread.audit.odd import odd_pictures
from overread.catalog import FACT
from overread.findings import Finding


@check("turned")
def turned(context: Context) -> list[Finding]:
    """Pictures with an EXIF orientation other than upright, and pictures with the cut corners of a turn.

    Upside-down and sideways pictures without a tag are not told here: nothing in one picture says which way is up.
    """
    upright = context.rows[f"{FACT}orientation"].fillna(1).astype(int) == 1
    angle = pd.Series(context.measured(lambda picture: turned_by(as_grey(picture))), index=context.rows.index)
    reason = pd.Series("", index=context.rows.index, dtype="str")
    reason = reason.mask(angle > 0, "cut corners (" + angle.round().astype(int).astype("str") + "°)")
    reason = reason.mask(~upright, "to be turned by an EXIF tag")
    mend = "Keep a film and its turned copies together (near-copies are sought for that); here EXIF tags are obeyed, other programs may not."
    clean = "No picture has an EXIF orientation other than upright, or the cut corners that a turn leaves."
    return [odd_pictures(context, "turned", reason, "pictures bear the mark of a turn", mend, clean)]
