"""What two sets share is found by pixels and by names, and names alone prove nothing."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from overread.audit.base import Context
from overread.audit.overlap import overlap
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def test_copies_and_near_copies_in_the_other_set_are_counted_and_listed(context: Make, film: Film) -> None:
    pictures = [film(0), film(1), film(2), film(0), film(1)[::-1].copy(), film(5), film(6)]
    links = [{"row": "4", "other": "1", "mirrored": True, "angle": 180.0}]
    audited = context(pictures, ["well", "sick", "well", "well", "sick", "well", "sick"], links=links, source=["ours"] * 3 + ["theirs"] * 4)
    (finding,) = overlap(audited, "ours", "theirs")
    listed = pd.read_csv(audited.folder / "evidence" / "overlap.csv", dtype=str)

    assert (finding.severity, finding.passed) == (Severity.LEAK, False)
    assert "2 of 3 images of ours (66.7%; 2 distinct pictures) are in theirs too (1 byte-identical, 1 near-copy)" in finding.sentence
    assert "theirs is not external to ours" in finding.sentence
    assert listed[["row of ours", "row of theirs"]].to_numpy().tolist() == [["0", "3"], ["1", "4"]]
    assert finding.evidence == ["evidence/overlap.png", "evidence/overlap.csv"]


def test_sets_with_nothing_in_common_pass(context: Make, film: Film) -> None:
    audited = context([film(0), film(0), film(1), film(2)], ["well", "sick"] * 2, source=["ours", "ours", "theirs", "theirs"])
    (finding,) = overlap(audited, "ours", "theirs")

    assert finding.passed


def test_equal_names_of_patients_are_said_but_decide_nothing(context: Make, film: Film) -> None:
    patient = ["ours/1", "ours/2", "theirs/2", "theirs/3"]
    audited = context([film(i) for i in range(4)], ["well", "sick"] * 2, source=["ours", "ours", "theirs", "theirs"], patient=patient)
    _, named = overlap(audited, "ours", "theirs")

    assert named.passed is None and "1 of 2 names of a patient in ours are used in theirs too" in named.sentence
