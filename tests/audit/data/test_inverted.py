"""Negatives among films are found, whatever the films show, and films among negatives."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.inverted import inverted

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


@pytest.mark.parametrize("majority", ["films", "negatives"])
def test_the_few_that_run_the_other_way_are_found(context: Make, film: Film, majority: str) -> None:
    other = {3, 17, 30}
    pictures = [255 - film(i) if (i in other) == (majority == "films") else film(i) for i in range(40)]
    audited = context(pictures, ["well", "sick"] * 20)
    (finding,) = inverted(audited)

    assert finding.passed is False and finding.sentence == "3 of 40 pictures look like the negative of the others."
    assert pd.read_csv(audited.folder / "evidence" / "inverted-by-class.csv")["odd"].sum() == 3


def test_two_kinds_of_films_that_are_unlike_each_other_pass(context: Make, film: Film) -> None:
    edges = [np.roll(film(i), 32, axis=(0, 1)) for i in range(25)]
    (finding,) = inverted(context([*(film(i) for i in range(100, 125)), *edges], ["well", "sick"] * 25))

    assert finding.passed


def test_too_few_films_decide_nothing(context: Make, film: Film) -> None:
    (finding,) = inverted(context([film(0), 255 - film(1)], ["well", "sick"]))

    assert finding.passed is None
