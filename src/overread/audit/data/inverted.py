"""Pictures whose grey levels run the other way: bones dark on a bright ground among bright bones."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.audit.base import Context, check
from overread.audit.odd import odd_pictures
from overread.findings import Finding, Severity
from overread.partition.copies import known_pixels

NEIGHBOURS = 10
"""So many of the set's pictures must look more like the negative: a handful that is inverted itself does not vouch for another."""

MARGIN = 0.1
"""How much more (in correlation) a picture's negative must look like its neighbours than the picture does."""

COMPARED = 5_000
"""Most pictures that each is compared with; of more, so many are drawn."""


@check("inverted")
def inverted(context: Context) -> list[Finding]:
    """Pictures whose negative resembles the set more than they do.

    The mean correlation of 32x32 grey thumbnails with the ten most similar pictures of other components, against that of the negative
    with its ten. It needs no anatomy to be the same throughout, only that a picture is not alone in its kind.
    """
    distinct = ~known_pixels(context.rows).duplicated()
    component = pd.Series(pd.factorize(context.rows["component"])[0], index=context.rows.index)
    if component[distinct].nunique() <= 2 * NEIGHBOURS:
        few = "Too few independent pictures to say which way the grey levels of this set run."
        return [Finding("inverted", "data", Severity.INFO, None, few)]
    z = _standard(context.grey)
    others = component[distinct].sample(min(int(distinct.sum()), COMPARED), random_state=context.seed)
    gap = pd.Series(_gap(z, component.to_numpy(), z[others.index], others.to_numpy()), index=context.rows.index)
    reason = pd.Series("", index=context.rows.index, dtype="str").mask(gap > MARGIN, "(its negative is " + gap.map("{:.2f}".format) + " more alike)")
    mend = "Look at them: invert what is a negative (for DICOM see image.dicom.invert); a picture on a white ground may only look like one."
    clean = "No picture looks like the negative of the others."
    return [odd_pictures(context, "inverted", reason, "pictures look like the negative of the others", mend, clean)]


def _standard(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 1024) thumbnails of mean 0 and length 1, so that a product is a correlation; a blank one is 0."""
    flat = grey.reshape(len(grey), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6), np.float32)


def _gap(asked: NDArray[np.float32], own: NDArray[np.integer], known: NDArray[np.float32], theirs: NDArray[np.integer]) -> NDArray[np.float64]:
    """(k,) by how much the negative's neighbours are nearer than the picture's own."""
    gaps = []
    for begin in range(0, len(asked), 2_000):
        part = slice(begin, begin + 2_000)
        near = asked[part] @ known.T
        near[own[part, None] == theirs] = 0.0
        near.partition((NEIGHBOURS, near.shape[1] - NEIGHBOURS), axis=1)
        gaps.append(-near[:, :NEIGHBOURS].mean(axis=1) - near[:, -NEIGHBOURS:].mean(axis=1))
    return np.concatenate(gaps).astype(float)
