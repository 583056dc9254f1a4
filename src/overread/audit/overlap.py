"""What two sets have in common, before one of them is called external to the other."""

import pandas as pd

from overread.audit.alike import KINDS, found_again, in_words
from overread.audit.base import Context
from overread.audit.evidence import pairs, table
from overread.catalog import KEYS
from overread.findings import Effect, Finding, Severity
from overread.partition.copies import known_pixels

GRAVE = 0.01
"""Share of images that the other set holds as well above which it is a leak to score one after learning from the other."""


def overlap(context: Context, one: str, other: str) -> list[Finding]:
    """How many images of one source are in another too, and how many names of patients both use.

    Parameters
    ----------
    context : of both catalogs joined (`catalog.join`), its links found over both
    one, other : names of the two, as in the column `source`

    Returns
    -------
    list of Finding
        On the images; and on each key that both sources have.
    """
    rows = context.rows
    here, there = rows["source"] == one, rows["source"] == other
    return [_images(context, one, other, here, there), *(_names(rows, key, one, other, here, there) for key in KEYS if _both(rows, key, here, there))]


def _images(context: Context, one: str, other: str, here: pd.Series, there: pd.Series) -> Finding:
    rows = context.rows
    found, back = (found_again(rows, context.family, context.links, *sides) for sides in ((here, there), (there, here)))
    effect = Effect(f"share of the images of {one} that are in {other}", float(len(found) / here.sum()), n=int(here.sum()))
    if found.empty:
        clean = f"No image of {one} is in {other}: not by bytes, not by pixels, and no near-copy is known; of shared patients pixels say nothing."
        return Finding("overlap", "data", Severity.INFO, True, clean, effect)
    kinds = found["kind"].value_counts().reindex(KINDS).dropna()
    told = ", ".join(f"{int(n):,} {kind}" for kind, n in kinds.items())
    distinct = known_pixels(rows)[found.index].nunique()
    share = f"{len(found):,} of {here.sum():,} images of {one} ({effect.value:.1%}; {distinct:,} distinct pictures) are in {other} too ({told})"
    sentence = f"{share}, there in {len(back):,} of {there.sum():,} images: {other} is not external to {one}."
    found = found.assign(caption=in_words(found))
    odd = found.drop_duplicates("other").sort_values("correlation", kind="stable", na_position="last")
    listed = pd.DataFrame({f"row of {one}": found["row"], f"row of {other}": found["other"], "how": found["caption"]})
    mend = "Leave these images out of one of the two before a model that learnt from one is scored on the other."
    return Finding(
        "overlap",
        "data",
        Severity.LEAK if effect.value > GRAVE else Severity.HIGH,
        False,
        sentence,
        effect,
        evidence=[*pairs(context, "overlap", odd), *table(context, "overlap", listed)],
        remedy=mend,
    )


def _both(rows: pd.DataFrame, key: str, here: pd.Series, there: pd.Series) -> bool:
    return bool((rows.loc[here, key] != "").any() and (rows.loc[there, key] != "").any())


def _names(rows: pd.DataFrame, key: str, one: str, other: str, here: pd.Series, there: pd.Series) -> Finding:
    """Names that both use; they are read within their source, so that equal names need not be one person."""
    names = [set(rows.loc[side, key].str.removeprefix(f"{name}/")) - {""} for side, name in ((here, one), (there, other))]
    shared = len(names[0] & names[1])
    effect = Effect(f"names of a {key} of {one} that {other} uses", shared / len(names[0]), n=len(names[0]))
    if not shared:
        return Finding("overlap", "data", Severity.INFO, True, f"No name of a {key} of {one} is used in {other}.", effect)
    used = f"{shared:,} of {len(names[0]):,} names of a {key} in {one} are used in {other} too"
    sentence = f"{used}: names are read within their source, so that the same name may be another's."
    mend = f"If both sets name each {key} by one register, join them in one table, so that no {key} is on both sides."
    return Finding("overlap", "data", Severity.LOW, None, sentence, effect, remedy=mend)
