"""One picture under two patients is found, one patient's two pictures are not."""

from collections.abc import Callable

import numpy as np

from overread.audit.base import Context
from overread.audit.data.two_patients import two_patients
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def test_a_copy_and_a_near_copy_under_another_patient_are_found(context: Make, film: Film) -> None:
    pictures = [film(0), film(0), film(1), film(1)[::-1].copy(), film(2), film(2)]
    (finding,) = two_patients(context(pictures, ["well", "sick"] * 3, links=[{"row": "3", "other": "2"}], patient=list("abcdee")))

    assert (finding.severity, finding.passed) == (Severity.HIGH, False)
    assert "2 pictures are filed under more than one patient (4 patients, 4 rows)" in finding.sentence
    assert finding.evidence == ["evidence/two-patients.png"]


def test_one_patients_copies_and_unknown_patients_pass(context: Make, film: Film) -> None:
    (finding,) = two_patients(context([film(0), film(0), film(1), film(1)], ["well", "sick"] * 2, patient=["a", "a", "b", ""]))

    assert finding.passed


def test_without_patients_nothing_is_decided(context: Make, film: Film) -> None:
    (finding,) = two_patients(context([film(0), film(0)], ["well", "sick"]))

    assert finding.passed is None
