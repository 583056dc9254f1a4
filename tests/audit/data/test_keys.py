"""A patient, study or lesion on both sides of the split is found; ids are never told."""

from collections.abc import Callable

import numpy as np
import pytest

from overread.audit.base import Context
from overread.audit.data.keys import keys
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]

SPLIT = ["train", "train", "train", "test", "test", "test"]


@pytest.mark.parametrize(("key", "word"), [("patient", "patients"), ("study", "studies"), ("group", "groups")])
def test_a_key_on_both_sides_is_a_leak_counted_in_values_and_in_images(context: Make, film: Film, key: str, word: str) -> None:
    column = {key: ["secret1", "secret2", "x", "secret1", "secret1", "secret2"]}
    finding = keys(context([film(i) for i in range(6)], ["well", "sick"] * 3, split=SPLIT, **column))[0]

    assert (finding.severity, finding.passed) == (Severity.LEAK, False)
    assert f"2 {word} are in both test and train: 3 of 3 test images" in finding.sentence
    assert "secret" not in str(finding.to_dict())


def test_keys_on_one_side_pass_and_blanks_join_nothing(context: Make, film: Film) -> None:
    (finding,) = keys(context([film(i) for i in range(6)], ["well", "sick"] * 3, split=SPLIT, patient=["a", "b", "", "c", "c", ""]))

    assert finding.passed and "of 2 of 6 images the patient is unknown" in finding.sentence


def test_unknown_patients_and_a_missing_split_decide_nothing(context: Make, film: Film) -> None:
    findings = keys(context([film(i) for i in range(2)], ["well", "sick"]))

    assert [finding.passed for finding in findings] == [None, None]


def test_a_patient_in_train_and_val_is_grave_but_no_leak_of_the_test(context: Make, film: Film) -> None:
    split = ["train", "train", "val", "val", "test", "test"]
    (finding,) = keys(context([film(i) for i in range(6)], ["well", "sick"] * 3, split=split, patient=list("abacde")))

    assert (finding.severity, finding.passed) == (Severity.HIGH, False) and "1 patient is in both val and train" in finding.sentence
