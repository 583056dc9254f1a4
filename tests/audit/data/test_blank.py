"""Pictures with nothing on them are told by what is wrong; ordinary ones, dark background and all, are not."""

from collections.abc import Callable

import numpy as np
import pytest

from overread.audit.base import Context
from overread.audit.data.blank import blank
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def spoiled(film: np.ndarray, how: str) -> np.ndarray:
    """A film with one fault."""
    made = film.copy()
    if how == "blank":
        made[:] = 128
    elif how == "very dark":
        made //= 5
    elif how == "bleached":
        made[:] = np.maximum(made, 236)
        made[:8] = 20
    else:
        made[40:] = 128
    return made


@pytest.mark.parametrize("how", ["blank", "very dark", "bleached", "cut off"])
def test_each_fault_is_named(context: Make, film: Film, how: str) -> None:
    (finding,) = blank(context([film(0), film(1), spoiled(film(2), how)], ["well", "sick", "well"]))

    assert (finding.severity, finding.passed) == (Severity.LOW, False)
    assert finding.sentence == f"1 of 3 pictures show little or nothing (1 {how})."
    assert finding.evidence == ["evidence/blank.png", "evidence/blank-by-class.csv"]


def test_a_film_that_ends_in_its_own_background_or_in_white_is_whole(context: Make, film: Film) -> None:
    dark, white = film(0).copy(), film(1).copy()
    dark[:10], dark[50:], white[50:] = 0, 0, 255
    (finding,) = blank(context([dark, white, film(2)], ["well", "sick", "well"]))

    assert finding.passed


def test_blank_pictures_that_go_with_a_class_are_grave(context: Make, film: Film) -> None:
    faded = [np.full((64, 64), 100 + i, np.uint8) for i in range(12)]
    (finding,) = blank(context([*map(film, range(28)), *faded], ["well"] * 20 + ["sick"] * 20))

    assert finding.severity is Severity.HIGH and "60% of sick, 0% of well" in finding.sentence
