import cv2
import numpy as np
import pytest

from overread.duplicates.describe import shapes
from overread.duplicates.find import find
from overread.duplicates.views import squeezed, views
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures

FITTING = Fitting(224)


@pytest.fixture
def seen(scanned):
    """The views of pictures, as many as are looked at."""

    def make(pictures):
        catalog = scanned(pictures)
        return views(Pictures(catalog.frame, FITTING, Cache()), shapes(catalog.frame))

    return make


@pytest.fixture
def sought(scanned):
    def seek(pictures):
        catalog = scanned(pictures)
        return find(catalog, Pictures(catalog.frame, FITTING, Cache()), 1)

    return seek


def square(film):
    return cv2.resize(film, (200, 200), interpolation=cv2.INTER_AREA)


def spun(picture, angle):
    middle = ((picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2)
    return cv2.warpAffine(picture, cv2.getRotationMatrix2D(middle, angle, 1), picture.shape[::-1])


@pytest.mark.parametrize(("shape", "angle"), [((270, 200), 33), ((200, 300), 90), ((320, 200), -71), ((200, 240), 151)])
def test_a_film_squeezed_into_a_square_and_then_turned_is_linked_and_a_squeezed_stranger_is_not(anatomy, sought, shape, angle):
    films = [anatomy(seed, shape) for seed in range(6)]

    links = sought([*films, spun(square(films[2]), angle), spun(square(anatomy(9, shape)), angle)])

    assert [tuple(pair) for pair in links[["row", "other"]].to_numpy()] == [("6", "2")]
    assert links["squeezed"].all()
    assert abs((-links["angle"].iloc[0] - angle + 180) % 360 - 180) < 2


def test_a_mirrored_and_inverted_squeezed_film_is_linked(anatomy, sought):
    films = [anatomy(seed, (280, 200)) for seed in range(4)]

    links = sought([*films, spun(255 - square(films[1])[:, ::-1], 20)])

    assert [tuple(pair) for pair in links[["row", "other"]].to_numpy()] == [("4", "1")]
    assert links[["squeezed", "mirrored", "inverted"]].all(axis=None)


def test_a_film_turned_in_a_square_frame_is_no_squeezed_one(anatomy, sought):
    film = anatomy(0, (200, 150))
    framed = cv2.copyMakeBorder(film, 40, 40, 65, 65, cv2.BORDER_CONSTANT)

    links = sought([film, anatomy(1, (200, 150)), spun(framed, 50)])

    assert links[["row", "other", "squeezed"]].to_numpy().tolist() == [["0", "2", False]]


def test_a_set_of_one_shape_or_without_a_square_is_looked_at_once(anatomy, seen):
    tall, wide, even = anatomy(0, (200, 150)), anatomy(1, (150, 200)), anatomy(2, (200, 200))

    assert len(seen([tall, tall[::-1], tall[:, ::-1]])) == 3
    assert len(seen([tall, wide])) == 2
    assert len(seen([even, even[::-1]])) == 2


def test_in_a_mixed_set_only_what_is_no_square_is_looked_at_again(anatomy, seen):
    found = seen([anatomy(0, (200, 150)), anatomy(1, (200, 200)), anatomy(2, (200, 195)), anatomy(3, (150, 200))])

    assert found.of.tolist() == [0, 1, 2, 3, 0, 3]
    assert [found.squeezed(view) for view in range(6)] == [False] * 4 + [True] * 2
    assert all(np.ptp(found.look(view).shape) == 0 for view in (4, 5))


def test_what_is_squeezed_keeps_its_area(anatomy):
    assert squeezed(anatomy(0, (225, 144))).shape == (180, 180)
