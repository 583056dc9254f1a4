import cv2
import numpy as np
import pytest

from overread.duplicates.describe import describe
from overread.duplicates.symmetry import INVERTED, MIRRORED
from overread.duplicates.verify import CORRELATION, INLIERS, MANY, SURE, agree, align, copies, match, needed


def link(one, other, parity=0):
    """The match of two pictures if they are copies, else None."""
    found = match(describe(one), describe(other), one.shape[1], parity)
    return found if found and copies(*agree(one, other, found), found) else None


def spun(picture, angle):
    height, width = picture.shape
    return cv2.warpAffine(picture, cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1), (width, height))


@pytest.mark.parametrize("angle", [3, 17, 45, 90, 133, 180])
def test_a_turned_copy_is_linked_and_a_stranger_is_not(anatomy, angle):
    film, stranger = anatomy(0), anatomy(1)

    assert abs((link(film, spun(film, angle)).angle - angle + 180) % 360 - 180) < 1
    assert link(spun(film, angle), stranger) is None


def test_a_mirrored_inverted_copy_is_linked_only_under_its_own_parity(anatomy):
    film = anatomy(0)
    copy = 255 - film[:, ::-1]

    assert link(film, copy, MIRRORED | INVERTED).inliers > 50
    assert all(link(film, copy, parity) is None for parity in (0, MIRRORED, INVERTED))


def test_the_scale_of_a_copy_is_told(anatomy):
    film = anatomy(0)
    small = cv2.resize(film, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)

    assert link(film, small).scale == pytest.approx(0.5, abs=0.01)


def test_an_aligned_copy_lies_on_its_original(anatomy):
    film = anatomy(0)
    copy = spun(film, 30)
    there, here, both = align(film, copy, link(film, copy))

    assert np.abs(there[both].astype(int) - here[both]).mean() < 6


def test_two_pictures_agree_as_well_whichever_stands_first(anatomy):
    film = anatomy(0)
    zoomed = cv2.resize(film[40:-40, 32:-32], None, fx=1.6, fy=1.6)
    ways = [(film, zoomed), (zoomed, film)]

    there, back = (agree(*pair, link(*pair)) for pair in ways)

    assert there == pytest.approx(back, abs=0.05)


def test_two_films_that_share_a_frame_and_a_label_alone_are_no_copies(anatomy):
    def stamped(film):
        framed = cv2.copyMakeBorder(film, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=255)
        cv2.putText(framed, "LEFT 4711", (16, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
        return framed

    assert link(stamped(anatomy(0)), stamped(anatomy(1))) is None


def test_two_empty_fields_of_view_are_no_copies():
    down, across = np.mgrid[:200, :200]
    field = np.hypot(down - 100, across - 100) < 95
    empty = [np.where(field, 90 + slope * down / 4, 0).astype(np.uint8) for slope in (1, -1)]

    assert link(*empty) is None


def test_a_picture_without_detail_matches_nothing():
    blank = np.full((100, 100), 90, np.uint8)

    assert link(blank, blank) is None


def test_the_fewer_points_agree_the_better_pixels_must():
    asked = [needed(points) for points in range(2 * MANY)]

    assert asked[INLIERS] == SURE == max(asked) and asked[MANY] == CORRELATION == min(asked)
    assert asked == sorted(asked, reverse=True)
    assert np.abs(np.diff(asked)).max() < 0.02
