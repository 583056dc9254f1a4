import cv2
import numpy as np
import pytest

from overread.duplicates.describe import describe
from overread.duplicates.strangers import CONTRADICTED, agree_alone, contradicted
from overread.duplicates.verify import agree, copies, match


@pytest.fixture
def speckled(on_screen):
    """A machine's screen around speckle, in which there are many points."""

    def make(seed):
        grain = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(200, 160)), (0, 0), 2.5)
        return on_screen((90 + 60 * grain / grain.std()).clip(0, 255).astype(np.uint8))

    return make


def test_two_strangers_on_one_screen_pass_for_copies_but_for_what_the_screen_shows(speckled):
    one, other = speckled(0), speckled(1)
    points, others = describe(one), describe(other)
    found = match(points, others, one.shape[1], 0)

    assert copies(*agree(one, other, found), found)
    assert contradicted(points, others, one, other, found) > CONTRADICTED


def test_no_change_of_a_copy_contradicts_it(anatomy, on_screen, change):
    for film in (anatomy(0), on_screen(anatomy(0))):
        copy = change(film)
        copy = copy[..., 0] if copy.ndim == 3 else copy
        points, others = describe(film), describe(copy)
        found = max(filter(None, (match(points, others, film.shape[1], parity) for parity in range(4))), key=lambda found: found.inliers)

        assert contradicted(points, others, film, copy, found) < CONTRADICTED / 2


def test_copies_agree_in_what_is_their_own_and_strangers_do_not(anatomy, on_screen):
    shown = np.zeros((360, 480), bool)
    shown[90:290, 150:310] = True
    one, other, copy = on_screen(anatomy(0)), on_screen(anatomy(3)), on_screen(anatomy(0))[:, ::-1].copy()
    strangers = match(describe(one), describe(other), 480, 0)
    mirrored = match(describe(one), describe(copy), 480, 1)

    assert agree_alone(one, copy, mirrored, shown, None) and agree_alone(one, copy, mirrored, None, shown[:, ::-1])
    assert not agree_alone(one, other, strangers, shown, None)
    assert not agree_alone(one, other, strangers, None, shown)
    assert agree_alone(one, other, strangers, None, None)
