import numpy as np
import pytest

from overread.imaging.overlay import COLOURS, SHORTEST, STRONGEST, UNSEEN, overlay


@pytest.fixture
def film():
    return np.random.default_rng(0).integers(0, 256, (200, 150)).astype(np.uint8)


def test_the_film_keeps_its_resolution_and_is_unchanged_where_the_map_is_zero(film):
    heat = np.zeros(film.shape, np.float32)
    heat[50:60, 70:90] = 2.0
    whole = overlay(film, heat, 2.0)

    assert whole.dtype == np.uint8
    assert whole.shape[0] == 200 and whole.shape[1] > 150
    cold = heat == 0
    assert (whole[:, :150][cold] == film[cold][:, None]).all()
    grey = film[55, 80]
    assert whole[55, 80] == pytest.approx((1 - STRONGEST) * grey + STRONGEST * 255 * np.array(COLOURS(1.0)[:3]), abs=1)


def test_one_scale_gives_two_films_the_same_colour_for_the_same_value(film):
    flat = np.full_like(film, 90)
    weak, strong = np.full(film.shape, 1.0, np.float32), np.full(film.shape, 1.0, np.float32)
    strong[0, 0] = 4.0
    assert (overlay(flat, weak, 4.0)[100, 100] == overlay(flat, strong, 4.0)[100, 100]).all()
    assert (overlay(flat, weak, 1.0)[100, 100] != overlay(flat, strong, 4.0)[100, 100]).any()


def test_the_bar_changes_with_the_values_it_states_and_with_nothing_else(film):
    heat = np.full(film.shape, 0.5, np.float32)
    bars = [overlay(picture, heat * k, k)[:, 150:] for picture, k in ((film, 1.0), (film // 2, 1.0), (film, 3.0))]
    assert (bars[0] == bars[1]).all()
    assert bars[0].shape != bars[2].shape or (bars[0] != bars[2]).any()


def test_a_map_of_zeros_colours_nothing_and_has_no_scale(film):
    whole, scaled = overlay(film, np.zeros(film.shape, np.float32), 0.0), overlay(film, np.zeros(film.shape, np.float32), 1.0)
    assert (whole[:, :150] == film[..., None]).all()
    bar = whole[:, 150:].astype(int)
    assert (bar == bar[..., :1]).all()  # words in white on black, no colours
    assert bar.max() == 255
    assert (np.ptp(scaled[:, 150:].astype(int), axis=2) > 20).any()


def test_what_the_network_did_not_see_is_darkened_and_bears_no_heat(film):
    heat = np.zeros(film.shape, np.float32)
    heat[:40] = np.nan
    whole = overlay(film, heat, 1.0)
    assert whole[:40, :150, 0] == pytest.approx(film[:40] * UNSEEN, abs=1)


def test_colour_films_are_shown_in_grey_and_small_ones_stand_beside_a_readable_bar():
    film = np.zeros((20, 30, 3), np.uint8)
    film[..., 0] = 200
    whole = overlay(film, np.zeros((20, 30), np.float32), 1.0)
    assert whole.shape[0] == SHORTEST
    assert (whole[:20, :30] == whole[0, 0, 0]).all()
    assert (whole[20:, :30] == 0).all()


def test_the_same_picture_is_made_every_time(film):
    heat = np.random.default_rng(1).random(film.shape).astype(np.float32)
    assert (overlay(film, heat, 0.8) == overlay(film, heat, 0.8)).all()
