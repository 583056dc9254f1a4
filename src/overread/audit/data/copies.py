"""Copies and near-copies of scored images among the images that are learnt from."""

import numpy as np
import pandas as pd

from overread.audit.alike import KINDS, found_again, in_words
from overread.audit.base import Context, check
from overread.audit.evidence import PAIRS, pairs, table
from overread.findings import Effect, Finding, Severity
from overread.partition.copies import known_pixels

SIDES = (("test", "train", Severity.LEAK), ("val", "train", Severity.HIGH), ("test", "val", Severity.HIGH))
"""What is asked, where its copies would lie, and how grave that is: a threshold is chosen on val, a figure is made on test."""


@check("copies", cheap=True)
def copies(context: Context) -> list[Finding]:
    """How many images of a part have the same bytes, the same pixels or a near-copy in another part.

    A row of the table is counted as a file: one that is repeated inside its part counts each time, as it does in a published score. The
    evidence also counts each distinct picture once.
    """
    parts = set(context.rows["split"])
    sides = [side for side in SIDES if {side[0], side[1]} <= parts]
    if not sides:
        none = "There is no split to audit: whether test images have copies in train cannot be asked."
        return [Finding("copies", "data", Severity.INFO, None, none, remedy="Name the split's column (?split=...), or make one: `overread split`.")]
    findings = [finding for asked, beside, severity in sides if (finding := _between(context, asked, beside, severity))]
    if findings:
        return findings
    clean = "No image of " + ", none of ".join(f"{asked} {'has a copy ' * (not i)}in {beside}" for i, (asked, beside, _) in enumerate(sides))
    return [Finding("copies", "data", Severity.INFO, True, f"{clean}: not by bytes, not by pixels, and no near-copy is known.")]


def _between(context: Context, asked: str, beside: str, severity: Severity) -> Finding | None:
    rows = context.rows
    scored = rows["split"] == asked
    found = found_again(rows, context.family, context.links, scored, rows["split"] == beside)
    if found.empty:
        return None
    counts = _counts(rows, scored, found)
    name = f"copies-of-{asked}-in-{beside}"
    listed = pd.DataFrame({f"{asked} row": found["row"], f"{beside} row": found["other"], "how": in_words(found)})
    mend = (
        "Use the split that `overread split` makes, or mend this one: `overread split SOURCE --published --repair drop-from-train --out split.csv`."
    )
    return Finding(
        "copies",
        "data",
        severity,
        False,
        _sentence(counts, int(scored.sum()), asked, beside),
        Effect(f"share of {asked} images with a copy in {beside}", float(len(found) / scored.sum()), n=int(scored.sum())),
        evidence=[*_sheets(context, found, name), *table(context, name, counts), *table(context, f"{name}-rows", listed)],
        remedy=mend,
    )


def _counts(rows: pd.DataFrame, scored: pd.Series, found: pd.DataFrame) -> pd.DataFrame:
    """One line a kind of copy and one for all: rows, and distinct pictures."""
    pixels = known_pixels(rows)
    files, pictures = int(scored.sum()), pixels[scored].nunique()
    lines = []
    for words, kinds in [*((kind, [kind]) for kind in KINDS), ("all", list(KINDS))]:
        of = found[found["kind"].isin(kinds)]
        distinct = pixels[of.index].nunique()
        lines.append({"copy": words, "files": len(of), "share of files": len(of) / files, "pictures": distinct, "share": distinct / pictures})
    return pd.DataFrame(lines).rename(columns={"pictures": "distinct pictures", "share": "share of pictures"})


def _sentence(counts: pd.DataFrame, files: int, asked: str, beside: str) -> str:
    number = counts.set_index("copy")["files"]
    steps = [f"{number['byte-identical']:,} of {files:,} {asked} files are byte-identical to a {beside} file"]
    same = number["byte-identical"] + number["pixel-identical"]
    if number["pixel-identical"]:
        steps.append(f"with those of the same pixels in another file {same:,}")
    if number["near-copy"]:
        steps.append(f"with near-copies {number['all']:,}")
    what = "scores on them measure memory" if asked == "test" and beside == "train" else f"what {asked} is for rests on images seen before"
    return f"{'; '.join(steps)} ({number['all'] / files:.1%}): {what}."


def _sheets(context: Context, found: pd.DataFrame, name: str) -> list[str]:
    """The pairs that look least alike, one of each family; and the near-copies whose pixels agree least."""
    number = found[["angle", "scale", "overlap", "mirrored", "inverted"]].astype(float)
    turned = ((number["angle"] + 180) % 360 - 180).abs()
    unlike = turned / 90 + number["scale"].map(np.log).abs() + 2 * (1 - number["overlap"]) + number["mirrored"] + number["inverted"]
    odd = found.assign(unlike=unlike.fillna(-1)).sort_values("unlike", ascending=False, kind="stable")
    sheets = {
        name: odd.groupby(context.family[odd.index], sort=False).head(1).head(PAIRS),
        f"{name}-that-agree-least": found[found["correlation"].notna()].sort_values("correlation", kind="stable").head(PAIRS),
    }
    return [file for title, shown in sheets.items() for file in pairs(context, title, shown.assign(caption=in_words(shown)))]
