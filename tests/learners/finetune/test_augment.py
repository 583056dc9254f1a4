import numpy as np
import pytest

from overread.imaging.augment import PRESETS, Augmentation
from overread.learners.finetune.augment import Augmenter


@pytest.fixture
def picture() -> np.ndarray:
    """(65, 65, 3) with one bright block, left of the middle and above it."""
    made = np.full((65, 65, 3), 60, np.uint8)
    made[20:25, 10:15] = 250
    return made


def centre(picture: np.ndarray) -> np.ndarray:
    """(row, column) of the bright block."""
    return np.argwhere(picture[..., 0] > 150).mean(0)


def test_none_changes_nothing(picture):
    assert np.array_equal(Augmenter(PRESETS["none"], 0)(picture, 1, "a"), picture)


@pytest.mark.parametrize("preset", ["light", "strong", "radiograph"])
def test_a_change_is_decided_by_seed_epoch_and_row(picture, preset):
    change = Augmenter(PRESETS[preset], 3)

    assert np.array_equal(change(picture, 1, "a"), Augmenter(PRESETS[preset], 3)(picture.copy(), 1, "a"))
    others = [change(picture, 2, "a"), change(picture, 1, "b"), Augmenter(PRESETS[preset], 4)(picture, 1, "a")]
    assert not any(np.array_equal(change(picture, 1, "a"), other) for other in others)
    assert change(picture, 1, "a").shape == picture.shape
    assert change(picture, 1, "a").dtype == np.uint8


def test_the_picture_that_came_in_is_left_as_it_was(picture):
    before = picture.copy()

    Augmenter(PRESETS["strong"], 0)(picture, 1, "a")

    assert np.array_equal(picture, before)


def test_a_mirror_is_exact(picture):
    assert np.array_equal(Augmenter(Augmentation(flip_horizontal=1), 0)(picture, 1, "a"), picture[:, ::-1])
    assert np.array_equal(Augmenter(Augmentation(flip_vertical=1), 0)(picture, 1, "a"), picture[::-1])


def test_light_mirrors_half_of_the_pictures_and_radiograph_none(picture):
    def mirrored(preset: str) -> float:
        return np.mean([centre(Augmenter(PRESETS[preset], 0)(picture, 1, str(i)))[1] > 32 for i in range(200)])

    assert 0.4 < mirrored("light") < 0.6
    assert mirrored("radiograph") == 0


def test_turning_zooming_and_shifting_stay_within_their_ranges(picture):
    middle = np.array([32, 32])
    reach = centre(picture) - middle

    def moved(**options):
        return np.array([centre(Augmenter(Augmentation(**options), 0)(picture, 1, str(i))) - middle for i in range(60)])

    turns = moved(rotate=20)
    angle = np.rad2deg(np.arctan2(turns[:, 0], turns[:, 1]) - np.arctan2(*reach))
    assert 15 < np.abs((angle + 180) % 360 - 180).max() < 21
    scale = np.linalg.norm(moved(zoom=(0.8, 1.2)), axis=1) / np.linalg.norm(reach)
    assert 0.77 < scale.min() < 0.85
    assert 1.15 < scale.max() < 1.23
    assert 4 < np.abs(moved(shift=0.1) - reach).max() < 7


def test_exposure_keeps_places_and_changes_greys(picture):
    shown = Augmenter(Augmentation(gamma=0.3, contrast=0.2, brightness=0.2), 0)(picture, 1, "a")

    assert np.array_equal(centre(shown), centre(picture))
    assert shown[0, 0, 0] != picture[0, 0, 0]


def test_erasing_blanks_one_rectangle_of_the_stated_area(picture):
    shares = [(Augmenter(Augmentation(erase=1), 0)(picture, 1, str(i)) == 0).all(2).mean() for i in range(100)]

    assert 0.015 < min(shares) < 0.04
    assert 0.12 < max(shares) < 0.16
