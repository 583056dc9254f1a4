"""Classes with too few independent cases for the split that is asked for."""

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.evaluation.intervals import FEWEST
from overread.findings import Effect, Finding, Severity

PARTS = ("train", "val", "test")

HELD_OUT = 0.15
"""The share of a test part in the split that is made where none is given."""

HOPELESS = 3
"""Components below which a class cannot even be put in three parts."""


@check("class-counts")
def class_counts(context: Context) -> list[Finding]:
    """Components of every class in every part; without a split, whether a test part of 15 % would hold enough of them."""
    return [_of(context, name, f"-{number + 1}" if number else "") for number, name in enumerate(context.catalog.targets)]


def _of(context: Context, name: str, suffix: str) -> Finding:
    rows = context.distinct[context.distinct[name].notna()]
    parts = [part for part in PARTS if (rows["split"] == part).any()]
    scored = [part for part in parts if part != "train"]
    number = _components(rows, name, parts).reindex(list(context.catalog.targets[name].classes), fill_value=0).rename_axis("class")
    evidence = table(context, f"class-counts{suffix}", number.reset_index())
    asked = number[scored or ["all"]].melt(var_name="part", value_name="components", ignore_index=False).reset_index()
    least = int(asked["components"].min())
    within = f" in {' and in '.join(scored)}" if scored else ""
    effect = Effect(f"components of the smallest class{within}", float(least), n=len(rows))
    of = f" of {name}" if len(context.catalog.targets) > 1 else ""
    few = asked[asked["components"] < (FEWEST if scored else FEWEST / HELD_OUT)].sort_values("components", kind="stable")
    if few.empty:
        enough = f"Every class{of} has at least {least:,} components{within}: enough for a figure with an interval."
        return Finding("class-counts", "data", Severity.INFO, True, enough, effect, evidence=evidence)
    listed = ", ".join(f"{one['class']!r} has {one['components']:,}" + f" in {one['part']}" * bool(scored) for one in few.head(6).to_dict("records"))
    why = f"with fewer than {FEWEST} a figure gets no interval" if scored else f"a test part of {HELD_OUT:.0%} would hold fewer than {FEWEST}"
    sentence = f"Few independent cases (components) of some classes{of}: {listed}{' and more' * (len(few) > 6)}; {why}."
    hopeless = [repr(label) for label in number.index[number["all"] < HOPELESS]]
    sentence += f" {', '.join(hopeless[:6])} cannot even be put in three parts." if hopeless else ""
    severity = Severity.HIGH if hopeless else Severity.LOW
    mend = "Merge rare classes (?merge=other:a|b), use folds (--set split.folds=5), or gather more patients."
    return Finding("class-counts", "data", severity, False, sentence, effect, evidence=evidence, remedy=mend)


def _components(rows: pd.DataFrame, name: str, parts: list[str]) -> pd.DataFrame:
    """One line a class: its components in each part, and in all."""
    number = rows.pivot_table(index=name, columns="split", values="component", aggfunc="nunique", fill_value=0).reindex(columns=parts, fill_value=0)
    return number.assign(all=rows.groupby(name)["component"].nunique()).rename_axis(columns=None)
