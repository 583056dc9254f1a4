"""A context hands a check the rows that count and small grey pictures without their padding."""

from collections.abc import Callable

import numpy as np

from overread.audit.base import Context

Make = Callable[..., Context]


def test_rows_that_repeat_pixels_are_not_distinct(context: Make, film: Callable[[int], np.ndarray]) -> None:
    made = context([film(0), film(1), film(0)], ["well", "sick", "well"])

    assert len(made.rows) == 3 and made.distinct["row"].tolist() == ["0", "1"]


def test_thumbnails_leave_out_the_padding_of_a_square(context: Make) -> None:
    wide = np.full((20, 60), 200, np.uint8)
    made = context([wide, wide.T.copy(), np.full((40, 40), 90, np.uint8)], ["well", "sick", "well"])

    assert made.grey.shape == (3, 32, 32) and made.grey.dtype == np.uint8
    assert (made.grey[:2] == 200).all() and (made.grey[2] == 90).all()


def test_a_measure_is_taken_once_a_file_and_given_to_every_row(context: Make, film: Callable[[int], np.ndarray]) -> None:
    made, taken = context([film(0), film(1), film(0)], ["well", "sick", "well"]), []

    def measure(picture: np.ndarray) -> float:
        taken.append(picture.shape)
        return float(picture.mean())

    found = made.measured(measure)

    assert taken == [(64, 64, 3)] * 2 and found[0] == found[2] != found[1]


def test_a_family_is_of_pictures_not_of_patients(context: Make, film: Callable[[int], np.ndarray]) -> None:
    made = context([film(0), film(0), film(1)], ["well", "sick", "well"], patient=["a", "b", "b"])

    assert made.family.tolist() == [0, 0, 1] and made.rows["component"].nunique() == 1
