"""A class that is too small for its part, or for a split to come, is named."""

from collections.abc import Callable

import numpy as np

from overread.audit.base import Context
from overread.audit.data.class_counts import class_counts
from overread.findings import Severity

Make = Callable[..., Context]


def small(n: int) -> list[np.ndarray]:
    """n pictures of 8 px, all unlike."""
    return list(np.random.default_rng(0).integers(0, 255, (n, 8, 8), dtype=np.uint8))


def test_a_class_with_few_components_in_test_is_named_with_its_number(context: Make) -> None:
    label = ["well"] * 20 + ["sick"] * 20 + ["well"] * 12 + ["sick"] * 4
    (finding,) = class_counts(context(small(56), label, split=["train"] * 40 + ["test"] * 16, size=16))

    assert (finding.severity, finding.passed) == (Severity.LOW, False)
    assert "'sick' has 4 in test" in finding.sentence and "'well'" not in finding.sentence


def test_images_of_one_patient_are_one_case(context: Make) -> None:
    label, patient = ["well"] * 12 + ["sick"] * 12, [str(i) for i in range(12)] + ["a", "b"] * 6
    audited = context(small(48), label * 2, split=["train"] * 24 + ["test"] * 24, patient=[f"train{p}" for p in patient] + patient, size=16)
    (finding,) = class_counts(audited)

    assert (finding.severity, finding.passed) == (Severity.LOW, False) and "'sick' has 2 in test" in finding.sentence


def test_a_class_that_three_parts_cannot_share_is_grave(context: Make) -> None:
    (finding,) = class_counts(context(small(42), ["well"] * 40 + ["sick"] * 2, size=16))

    assert (finding.severity, finding.passed) == (Severity.HIGH, False)
    assert finding.sentence.endswith("'sick' cannot even be put in three parts.")


def test_without_a_split_the_test_part_to_come_is_counted(context: Make) -> None:
    (few,) = class_counts(context(small(90), ["well"] * 70 + ["sick"] * 20, size=16))

    assert few.passed is False and "'sick' has 20;" in few.sentence and "'well'" not in few.sentence


def test_enough_of_everything_passes(context: Make) -> None:
    (finding,) = class_counts(context(small(60), ["well", "sick"] * 30, split=["train"] * 20 + ["test"] * 40, size=16))

    assert finding.passed and finding.effect is not None and finding.effect.value == 20
