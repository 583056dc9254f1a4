"""Pictures that carry two labels: one of them is wrong, or the label is not in the picture."""

import pandas as pd

from overread.audit.alike import KINDS, found_again, in_words
from overread.audit.base import Context, check
from overread.audit.evidence import pairs, table
from overread.findings import Effect, Finding, Severity

GRAVE = 0.01
"""Share of rows with two labels above which a figure may come of it."""


@check("conflicts")
def conflicts(context: Context) -> list[Finding]:
    """Copies and near-copies whose labels contradict each other, for each target."""
    return [_of(context, name, number) for number, name in enumerate(context.catalog.targets)]


def _of(context: Context, name: str, number: int) -> Finding:
    label, of = context.rows[name], f" of {name}" if len(context.catalog.targets) > 1 else ""
    family = context.family
    torn = label.notna() & (label.groupby(family).transform("nunique") > 1)
    if not torn.any():
        return Finding("conflicts", "data", Severity.INFO, True, f"No picture carries two labels{of}: no copy, and no near-copy that is known.")
    found = _pairs(context, family.isin(family[torn]), name).assign(family=family)
    shown = found.sort_values("kind", key=lambda kind: kind.map(KINDS.index), kind="stable").drop_duplicates("family")
    kinds = shown["kind"].value_counts().reindex(KINDS).dropna()
    told = ", ".join(f"{int(n):,} {kind}" for kind, n in kinds.items())
    many = family[torn].nunique()
    shows = f"{int(torn.sum()):,} rows show {'them' if many > 1 else 'it'}"
    sentence = f"{many:,} picture{'s carry' if many > 1 else ' carries'} two labels{of} ({told}); {shows}."
    shown = shown.assign(caption=in_words(shown))
    listed = pd.DataFrame({"row": shown["row"], "label": label[shown.index], "same picture as row": shown["other"], "its label": shown["its label"]})
    file = f"conflicts-{number + 1}" if number else "conflicts"
    evidence = [*pairs(context, file, shown), *table(context, file, listed.assign(how=shown["caption"]))]
    effect = Effect("share of rows whose picture carries two labels", float(torn.sum() / label.notna().sum()), n=int(label.notna().sum()))
    mend = "Have someone who knows look at these pairs, and keep one label for each picture; leave out what stays in doubt."
    severity = Severity.HIGH if effect.value > GRAVE else Severity.LOW
    return Finding("conflicts", "data", severity, False, sentence, effect, evidence=evidence, remedy=mend)


def _pairs(context: Context, whole: pd.Series, name: str) -> pd.DataFrame:
    """Each labelled row of these families with one of another label that shows its picture."""
    rows = context.rows[whole]
    label, family = rows[name], context.family[whole]
    found = pd.concat(
        [found_again(rows, family, context.links, label == one, label.notna() & (label != one)) for one in label.dropna().unique()]
    ).sort_index()
    return found.assign(**{"its label": found["other"].map(rows.set_index("row")[name])})
