"""Pictures of several kinds in one set: grey beside colour, DICOM beside picture files; which of them a picture is may tell where it is from."""

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.catalog import FACT
from overread.findings import Effect, Finding, Severity

GREY = r"(?:1|LA?|La|I|F)(?:;|$)|MONOCHROME"
"""Modes of files without colour channels, as Pillow and DICOM name them."""


@check("kinds", cheap=True)
def kinds(context: Context) -> list[Finding]:
    """Whether all files are grey or all in colour, all DICOM or all pictures, by what their headers say.

    A colour file may hold a grey picture: it was saved by another program then, which is what is asked here.
    """
    kind = _kind(context.rows)
    counts = kind.value_counts()
    if len(counts) == 1:
        return [Finding("kinds", "data", Severity.INFO, True, f"All files are of one kind ({counts.index[0]}).")]
    listed = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    effect = Effect("share of files that are not of the commonest kind", float(1 - counts.iloc[0] / counts.sum()), n=len(kind))
    mend = "Look whether kinds are of different machines, years or hands; `guess` (overread audit) asks whether they tell the label."
    sentence = f"Files are of {len(counts)} kinds: {listed}.{_classes(context, kind)}"
    return [Finding("kinds", "data", Severity.LOW, False, sentence, effect, evidence=_shares(context, kind), remedy=mend)]


def _kind(rows: pd.DataFrame) -> pd.Series:
    """Each row's kind in words."""
    colour = rows[FACT + "mode"].astype("str").str.match(GREY).map({True: "grey", False: "in colour"})
    return colour + (rows[FACT + "format"] == "DICOM").map({True: ", DICOM", False: ""})


def _classes(context: Context, kind: pd.Series) -> str:
    """A sentence for each class of which all files are of a kind that no file of another class is of."""
    words = []
    for name, target in context.catalog.targets.items():
        label = context.rows[name]
        for own in target.classes:
            inside, outside = set(kind[label == own]), set(kind[label.notna() & (label != own)])
            if inside and outside and not inside & outside:
                words.append(f" Every file of {own!r} is {' or '.join(sorted(inside))}, and no file of another class is.")
    return "".join(words)


def _shares(context: Context, kind: pd.Series) -> list[str]:
    """Classes a kind, as a table."""
    tables = []
    for number, name in enumerate(context.catalog.targets):
        counts = pd.crosstab(kind, context.rows[name]).rename_axis("kind").reset_index()
        tables += table(context, "kinds" + (f"-{number + 1}" if number else ""), counts)
    return tables
