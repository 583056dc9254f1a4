"""Extremely small and extremely long pictures are found by the sides of the file."""

from collections.abc import Callable

import numpy as np

from overread.audit.base import Context
from overread.audit.data.odd_sizes import odd_sizes
from overread.findings import Severity

Make = Callable[..., Context]


def sized(*sides: tuple[int, int]) -> list[np.ndarray]:
    """Pictures of these widths and heights."""
    return [np.random.default_rng(i).integers(0, 255, (height, width), dtype=np.uint8) for i, (width, height) in enumerate(sides)]


def test_small_shrunken_and_long_pictures_are_told_apart(context: Make) -> None:
    pictures = sized(*[(400, 400)] * 5, (20, 60), (90, 90), (500, 110))
    audited = context(pictures, ["well", "sick"] * 4)
    (finding,) = odd_sizes(audited)

    assert (finding.severity, finding.passed) == (Severity.LOW, False)
    assert finding.sentence.startswith("3 of 8 pictures are extremely small or elongated (")
    assert all(words in finding.sentence for words in ("1 small", "1 elongated", "1 much smaller than the others"))


def test_pictures_of_ordinary_sides_pass(context: Make) -> None:
    (finding,) = odd_sizes(context(sized((100, 120), (64, 200), (300, 300)), ["well", "sick", "well"]))

    assert finding.passed and "64 to 300 px" in finding.sentence
