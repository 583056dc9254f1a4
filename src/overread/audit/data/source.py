"""What the reader found wrong with the source itself: what is missing, left out, or said twice and differently."""

from collections.abc import Sequence

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.catalog import CONTRADICTION
from overread.findings import Finding, Severity

SHOWN = 3
"""Most faults that the sentence holds; the table holds all."""


@check("source", cheap=True)
def source(context: Context) -> list[Finding]:
    """The reader's faults as one finding, grave where labels contradict each other: a label is then lost or wrong."""
    faults = context.catalog.faults
    if not faults:
        return [Finding("source", "data", Severity.INFO, True, "The reader found nothing wrong with the source.")]
    return [faulty(faults, table(context, "source", pd.DataFrame({"fault": _ordered(faults)})))]


def faulty(faults: Sequence[str], evidence: Sequence[str] = ()) -> Finding:
    """These faults as one finding, those that contradict each other first."""
    faults, many = _ordered(faults), len(faults) > 1
    listed = "in the table" if evidence else "that `overread audit` lists"
    more = f" {len(faults) - SHOWN} more {listed}." if len(faults) > SHOWN else ""
    sentence = f"The reader found {len(faults)} fault{'s' * many} in the source. {' '.join(faults[:SHOWN])}{more}"
    severity = Severity.HIGH if CONTRADICTION in faults[0] else Severity.LOW
    mend = "Fetch again what is missing, or correct the source's tables and keys."
    if severity is Severity.HIGH:
        mend = "Have someone who knows settle the labels that contradict each other: until then nobody learns from them. Fetch again what is missing."
    return Finding("source", "data", severity, False, sentence, evidence=list(evidence), remedy=mend)


def _ordered(faults: Sequence[str]) -> list[str]:
    return sorted(faults, key=lambda fault: CONTRADICTION not in fault)
