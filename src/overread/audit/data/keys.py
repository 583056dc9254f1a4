"""Patients, studies and groups that stand on both sides of the split."""

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.data.copies import SIDES
from overread.audit.evidence import table
from overread.catalog import KEYS
from overread.findings import Effect, Finding, Severity

WORDS = {"patient": ("patient", "patients"), "study": ("study", "studies"), "group": ("group", "groups")}


@check("keys", cheap=True)
def keys(context: Context) -> list[Finding]:
    """For each key the source has: how many of its values, and of the rows that bear them, are in two parts."""
    parts = set(context.rows["split"])
    sides = [side for side in SIDES if {side[0], side[1]} <= parts]
    known = [key for key in KEYS if (context.rows[key] != "").any()]
    findings = [_unknown(context)] if "patient" not in known else []
    if not sides:
        return [
            *findings,
            Finding("keys", "data", Severity.INFO, None, "There is no split to audit: whether a patient is on both sides cannot be asked."),
        ]
    raised = [finding for key in known for side in sides if (finding := _between(context, key, *side))]
    if known and not raised:
        named = " and no ".join(WORDS[key][0] for key in known)
        raised = [Finding("keys", "data", Severity.INFO, True, f"No {named} is in two parts of the split{_blanks(context)}.")]
    return [*raised, *findings]


def _unknown(context: Context) -> Finding:
    words = "The source names no patients: whether images of one patient are on both sides cannot be told."
    return Finding("keys", "data", Severity.INFO, None, words, remedy="Name the column (?patient=...); with it the split keeps patients together.")


def _between(context: Context, key: str, asked: str, beside: str, severity: Severity) -> Finding | None:
    rows = context.rows[context.rows[key] != ""]
    scored, learnt = (rows[rows["split"] == part] for part in (asked, beside))
    shared = scored[scored[key].isin(learnt[key])]
    if shared.empty:
        return None
    one, many = WORDS[key]
    number, total = shared[key].nunique(), int((context.rows["split"] == asked).sum())
    who = f"{number:,} {many} are" if number > 1 else f"1 {one} is"
    sentence = (
        f"{who} in both {asked} and {beside}: {len(shared):,} of {total:,} {asked} images ({len(shared) / total:.1%}) are of a {one} seen before."
    )
    name = next(iter(context.catalog.targets))
    classes = pd.DataFrame({f"{asked} images": scored[name].value_counts(), f"of a {one} in {beside}": shared[name].value_counts()})
    return Finding(
        "keys",
        "data",
        severity,
        False,
        sentence,
        Effect(f"share of {asked} images of a {one} in {beside}", len(shared) / total, n=total),
        evidence=table(context, f"keys-{key}-{asked}-{beside}", classes.fillna(0).astype(int).rename_axis("class").reset_index()),
        remedy=f"Use the split that `overread split` makes: it keeps each {one} on one side.",
    )


def _blanks(context: Context) -> str:
    """How many images say nothing of their patient, where some do."""
    blank = int((context.rows["patient"] == "").sum())
    return f"; of {blank:,} of {len(context.rows):,} images the patient is unknown" if 0 < blank < len(context.rows) else ""
