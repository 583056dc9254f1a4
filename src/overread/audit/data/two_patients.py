"""One picture under two patients: an id is wrong, or images were handed on as somebody else's."""

import pandas as pd

from overread.audit.alike import found_again, in_words
from overread.audit.base import Context, check
from overread.audit.evidence import pairs
from overread.findings import Effect, Finding, Severity

GRAVE = 0.01
"""Share of images under two patients above which a figure may come of it; one pair may be a mistake in an id."""


@check("two-patients", cheap=True)
def two_patients(context: Context) -> list[Finding]:
    """Copies and near-copies that are filed under different patients."""
    rows = context.rows
    known = rows["patient"] != ""
    if not known.any():
        return [Finding("two-patients", "data", Severity.INFO, None, "The source names no patients: whether two share a picture cannot be asked.")]
    family = context.family
    torn = known & (rows["patient"].where(known).groupby(family).transform("nunique") > 1)
    if not torn.any():
        return [
            Finding("two-patients", "data", Severity.INFO, True, "No picture is filed under two patients: no copy, and no near-copy that is known.")
        ]
    people, pictures = rows.loc[torn, "patient"].nunique(), family[torn].nunique()
    sentence = (
        f"{pictures:,} picture{'s are' if pictures > 1 else ' is'} filed under more than one patient ({people:,} patients, {int(torn.sum()):,} rows)."
    )
    effect = Effect("share of images filed under two patients", float(torn.sum() / known.sum()), n=int(known.sum()))
    mend = "Look at these pairs: correct the ids. Until then the split keeps those patients together."
    severity = Severity.HIGH if effect.value > GRAVE else Severity.LOW
    return [Finding("two-patients", "data", severity, False, sentence, effect, evidence=_pairs(context, torn), remedy=mend)]


def _pairs(context: Context, torn: pd.Series) -> list[str]:
    """One pair a family: the first row of it, and another patient's."""
    whole = context.family.isin(context.family[torn])
    rows, family = context.rows[whole], context.family[whole]
    first = rows["row"].isin(rows.loc[torn[whole], "row"].groupby(family).first())
    patient = rows["patient"].where(first).groupby(family).transform("first")
    found = found_again(rows, family, context.links, first, ~first & (rows["patient"] != "") & (rows["patient"] != patient))
    return pairs(context, "two-patients", found.assign(caption=in_words(found)))
