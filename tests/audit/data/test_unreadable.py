"""Files that cannot be read are counted by reason, and by class where one loses more."""

from collections.abc import Callable

import numpy as np

from overread.audit.base import Context
from overread.audit.data.unreadable import unreadable
from overread.findings import Severity

Make = Callable[..., Context]


def small(n: int) -> list[np.ndarray]:
    """n pictures of 8 px, all unlike."""
    return list(np.random.default_rng(0).integers(0, 255, (n, 8, 8), dtype=np.uint8))


def lost(n: int, label: str, reason: str = "the file is cut off") -> list[dict[str, str]]:
    """n files that were not read."""
    return [{"row": f"{label}{i}", "image": "x.png", "reason": reason, "label": label} for i in range(n)]


def test_reasons_are_counted(context: Make) -> None:
    rejected = [*lost(1, "well"), *lost(1, "sick"), *lost(1, "sick", "its header is damaged")]
    (finding,) = unreadable(context(small(197), ["well", "sick"] * 98 + ["well"], rejected=rejected, size=16))

    assert (finding.severity, finding.passed) == (Severity.LOW, False)
    assert "3 of 200 files" in finding.sentence and "2 x the file is cut off; 1 x its header is damaged" in finding.sentence
    assert finding.effect is not None and finding.effect.value == 3 / 200


def test_a_class_that_loses_more_than_another_is_grave(context: Make) -> None:
    (finding,) = unreadable(context(small(300), ["well", "sick"] * 150, rejected=lost(12, "sick"), size=16))

    assert finding.severity is Severity.HIGH and "7.41% of sick" in finding.sentence and "0.00% of well" in finding.sentence


def test_a_set_that_can_be_read_passes(context: Make) -> None:
    (finding,) = unreadable(context(small(4), ["well", "sick"] * 2, size=16))

    assert finding.passed
