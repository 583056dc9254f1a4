"""How much of a set is there more than once."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.repeats import repeats
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def test_rows_pictures_families_and_their_effective_number_are_told_apart(context: Make, film: Film) -> None:
    pictures = [film(0), film(0), film(0), film(0)[:, ::-1].copy(), film(1), film(2)]
    audited = context(pictures, ["well"] * 4 + ["sick"] * 2, links=[{"row": "3", "other": "1", "mirrored": True}], patient=list("aaaabb"))
    (finding,) = repeats(audited)
    classes = pd.read_csv(audited.folder / "evidence" / "repeats-by-class.csv").set_index("class")
    largest = pd.read_csv(audited.folder / "evidence" / "repeats-largest-components.csv")

    assert (finding.severity, finding.passed) == (Severity.HIGH, False)
    assert finding.effect is not None and finding.effect.value == pytest.approx(4 * (1 - 0.2**3) / 6)
    assert classes.loc["all"].tolist() == [6, 4, 3, round(36 / 18), 4]
    assert classes.loc["well", "families"] == 1 and classes.loc["sick", "families"] == 2
    assert largest["rows"].tolist() == [4, 2] and largest["labels"].tolist() == ["well", "sick"]
    assert "near" not in largest["joined by"][1] and "patient" in largest["joined by"][0]
    assert "evidence/repeats-largest-family.png" in finding.evidence


def test_one_patients_different_pictures_are_no_repeats(context: Make, film: Film) -> None:
    (finding,) = repeats(context([film(i) for i in range(4)], ["well", "sick"] * 2, patient=list("aabb")))

    assert finding.passed


def test_a_rare_repeat_is_worth_knowing_and_no_more(context: Make, film: Film) -> None:
    (finding,) = repeats(context([*(film(i) for i in range(30)), film(0)], ["well", "sick"] * 15 + ["well"]))

    assert (finding.severity, finding.passed) == (Severity.LOW, False)
