"""What the reader found wrong is one finding, grave where labels contradict each other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from overread.audit.base import Context
from overread.audit.data.source import source
from overread.catalog import CONTRADICTION
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


@pytest.fixture
def faulty(context: Make, film: Film) -> Callable[..., Context]:
    """A context whose reader found these faults."""

    def make(*faults: str) -> Context:
        made = context([film(0), film(1)], ["well", "sick"])
        return replace(made, catalog=replace(made.catalog, faults=faults))

    return make


def test_a_gap_is_low(faulty: Callable[..., Context]) -> None:
    gap = "A table is missing."
    [low] = source(faulty(gap))
    assert (low.severity, low.passed, low.sentence) == (Severity.LOW, False, f"The reader found 1 fault in the source. {gap}")


def test_a_contradiction_is_high_and_stands_first_and_the_table_holds_what_the_sentence_leaves_out(faulty: Callable[..., Context]) -> None:
    context = faulty(*(f"Gap {number}." for number in range(4)), f"a: The {CONTRADICTION} in 3 studies.")
    [high] = source(context)

    assert (high.severity, high.passed) == (Severity.HIGH, False)
    assert high.sentence == f"The reader found 5 faults in the source. a: The {CONTRADICTION} in 3 studies. Gap 0. Gap 1. 2 more in the table."
    assert context.folder is not None and high.evidence == ["evidence/source.csv"]
    assert len((context.folder / high.evidence[0]).read_text().splitlines()) == 6
    [unwritten] = source(replace(context, folder=None))
    assert unwritten.sentence.endswith("2 more that `overread audit` lists.") and not unwritten.evidence


def test_a_source_without_a_fault_passes(faulty: Callable[..., Context]) -> None:
    [finding] = source(faulty())
    assert finding.passed and not finding.evidence
