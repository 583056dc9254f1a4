"""Cut corners tell a turn to the degree; straight films, round fields and dark rims have none."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from overread.audit.corners import turned_by

Film = Callable[..., np.ndarray]


@pytest.mark.parametrize("angle", [8, 15, 30, 45])
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("expand", [False, True])
def test_a_turn_is_found_to_the_degree(film: Film, angle: int, sign: int, expand: bool) -> None:
    turn = np.asarray(Image.fromarray(film(0, 224).clip(30)).rotate(sign * angle, Image.Resampling.BILINEAR, expand=expand))

    assert turned_by(turn) == pytest.approx(angle, abs=2)


def test_a_straight_film_a_round_field_and_a_dark_rim_are_not_turned(film: Film) -> None:
    straight = film(1, 224).clip(30)
    field, rim = straight.copy(), straight.copy()
    field[cv2.circle(np.zeros_like(field), (112, 112), 118, 1, -1) == 0] = 0
    rim[:9], rim[-9:], rim[:, :9], rim[:, -9:] = 0, 0, 0, 0

    assert [turned_by(picture) for picture in (straight, np.rot90(straight), field, rim, np.zeros_like(rim))] == [0.0] * 5
