"""Files that could not be read, by reason and by class: a set that loses more of one class than of another is no longer what it was."""

import pandas as pd
from scipy.stats import chi2_contingency

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.findings import Effect, Finding, Severity

SURE, GAP, MANY = 0.01, 0.01, 0.05
"""Classes differ where chance is less likely than the first; grave are shares so far apart, and a loss beyond the last."""


@check("unreadable")
def unreadable(context: Context) -> list[Finding]:
    """How many files take no part because they cannot be read."""
    lost, n = context.rejected, len(context.rejected) + len(context.rows)
    effect = Effect("share of files that cannot be read", len(lost) / n, n=n)
    if lost.empty:
        return [Finding("unreadable", "data", Severity.INFO, True, f"All {n:,} files can be read.", effect)]
    reasons = lost["reason"].value_counts()
    listed = "; ".join(f"{number:,} x {reason}" for reason, number in reasons.head(5).items()) + ("; and more" if len(reasons) > 5 else "")
    name = next((target for target in context.catalog.targets if target in lost), None)
    classes, p = _by_class(context.rows, lost, name) if name else (pd.DataFrame(), None)
    uneven = p is not None and p < SURE
    told = f" The classes lose unlike shares: {', '.join(f'{share:.2%} of {label}' for label, share in classes['share'].items())}." if uneven else ""
    evidence = table(context, "unreadable-by-class", classes.reset_index()) + table(context, "unreadable", lost[["row", "reason"]])
    grave = effect.value > MANY or (uneven and classes["share"].max() - classes["share"].min() > GAP)
    sentence = f"{len(lost):,} of {n:,} files could not be read and take no part: {listed}.{told}"
    mend = "Fetch those files again; if one class loses more files than another, say so beside every figure."
    return [Finding("unreadable", "data", Severity.HIGH if grave else Severity.LOW, False, sentence, effect, p, evidence, mend)]


def _by_class(rows: pd.DataFrame, lost: pd.DataFrame, name: str) -> tuple[pd.DataFrame, float | None]:
    """Files listed and lost, a class; and how likely chance makes the losses as uneven."""
    counts = pd.DataFrame({"read": rows[name].value_counts(), "lost": lost[name].value_counts()}).fillna(0).astype(int).rename_axis("class")
    several = len(counts) > 1 and counts["lost"].any()
    p = float(chi2_contingency(counts, correction=False).pvalue) if several else None
    return counts.assign(share=counts["lost"] / counts.sum(axis=1)), p
