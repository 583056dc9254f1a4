import numpy as np
import pytest

from overread.imaging.window import window


def test_integers_that_fit_are_kept_and_fractions_are_not():
    values = np.array([[0, 7], [100, 255]])
    assert window(values).tolist() == values.tolist()
    assert window(values / 255.0).tolist() != values.tolist()


@pytest.mark.parametrize("value", [0.0, 7.5, 40_000, np.nan])
def test_a_constant_picture_is_black(value):
    assert not window(np.full((4, 4), value)).any()


def test_a_single_hot_pixel_does_not_darken_the_rest():
    values = np.random.default_rng(0).uniform(1000, 2000, (64, 64))
    values[0, 0] = 1e6
    assert window(values).std() > 60


def test_a_few_bright_pixels_on_a_constant_ground_are_seen():
    values = np.zeros((64, 64))
    values[0, 0] = 5.0
    assert (window(values)[0, 0], window(values).sum()) == (255, 255)


def test_what_is_not_finite_is_black():
    values = np.linspace(-1, 1, 100).reshape(10, 10)
    values[5, :3] = [np.nan, np.inf, -np.inf]
    assert window(values)[5, :3].tolist() == [0, 0, 0]
