"""A view holds its own part of the picture and nothing of the rest."""

from collections.abc import Callable

import numpy as np
import pytest

from overread.audit.base import Context
from overread.audit.views import VIEWS, border, corners, histogram, seen, thumbnail


@pytest.fixture
def picture(film: Callable[..., np.ndarray]) -> np.ndarray:
    return np.repeat(film(0, 200)[..., None], 3, axis=2)


def test_what_lies_inside_is_not_in_the_border_nor_in_the_corners(picture: np.ndarray) -> None:
    other = picture.copy()
    other[20:-20, 20:-20] = 0

    assert (border(other) == border(picture)).all() and (corners(other) == corners(picture)).all()
    assert (thumbnail(other) != thumbnail(picture)).any() and (histogram(other) != histogram(picture)).any()


@pytest.mark.parametrize("down", [slice(0, 8), slice(-8, None)])
@pytest.mark.parametrize("right", [slice(0, 8), slice(-8, None)])
def test_a_mark_in_any_corner_is_in_both(picture: np.ndarray, down: slice, right: slice) -> None:
    other = picture.copy()
    other[down, right] = 255

    assert np.abs(corners(other) - corners(picture)).max() > 50
    assert np.abs(border(other) - border(picture)).max() > 50


def test_a_histogram_does_not_know_where_and_sums_to_one(picture: np.ndarray) -> None:
    assert (histogram(picture[::-1, ::-1]) == histogram(picture)).all()
    assert histogram(picture).sum(axis=0) == pytest.approx([1, 1, 1])


def test_padding_is_not_seen_and_grey_pictures_have_one_channel(context: Callable[..., Context]) -> None:
    wide = np.full((20, 60), 200, np.uint8)
    made = context([wide, wide.T.copy()], ["well", "sick"])
    views = seen(made, made.rows, *VIEWS)

    assert {name: view.shape for name, view in views.items()} == dict(zip(VIEWS, [(2, 152), (2, 64), (2, 64), (2, 32)], strict=True))
    assert views["the four corners"] == pytest.approx(200, abs=0.01) and views["a thumbnail of 8 x 8"] == pytest.approx(200, abs=0.01)


def test_colour_pictures_keep_three(context: Callable[..., Context]) -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 200
    made = context([red, red[::-1] + 1], ["well", "sick"])

    assert seen(made, made.rows, "the histogram")["the histogram"].shape == (2, 96)
