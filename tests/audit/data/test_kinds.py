"""Grey files beside colour files are told, and a class that is all of one kind is named; files of one kind pass."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from overread.audit.base import Context
from overread.audit.data.kinds import GREY, kinds
from overread.findings import Severity

Make = Callable[..., Context]


def grey(n: int) -> list[np.ndarray]:
    return [np.random.default_rng(i).integers(0, 255, (64, 64), dtype=np.uint8) for i in range(n)]


def colour(n: int) -> list[np.ndarray]:
    return [np.random.default_rng(100 + i).integers(0, 255, (64, 64, 3), dtype=np.uint8) for i in range(n)]


def test_grey_and_colour_files_are_counted(context: Make) -> None:
    (finding,) = kinds(context([*grey(6), *colour(2)], ["well", "sick"] * 4))

    assert (finding.severity, finding.passed) == (Severity.LOW, False)
    assert finding.sentence == "Files are of 2 kinds: 6 grey, 2 in colour."
    assert finding.effect.value == 0.25
    assert finding.evidence == ["evidence/kinds.csv"]


def test_a_class_that_is_all_of_one_kind_is_named(context: Make) -> None:
    (finding,) = kinds(context([*grey(4), *colour(4)], ["well"] * 4 + ["sick"] * 4))

    assert "Every file of 'sick' is in colour, and no file of another class is." in finding.sentence


def test_files_of_one_kind_pass(context: Make) -> None:
    (finding,) = kinds(context(grey(4), ["well", "sick"] * 2))

    assert finding.passed and finding.sentence == "All files are of one kind (grey)."


def test_every_mode_of_a_file_is_grey_or_in_colour() -> None:
    without = ["1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "MONOCHROME1 10/16", "MONOCHROME2 8/8"]
    within = ["RGB", "RGBA", "P", "CMYK", "YCbCr", "LAB", "HSV", "RGB 8/8", "YBR_FULL_422 8/8", "PALETTE COLOR 8/8"]

    assert pd.Series(without).str.match(GREY).all()
    assert not pd.Series(within).str.match(GREY).any()
