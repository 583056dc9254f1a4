import cv2
import numpy as np
import pytest

from overread.duplicates.symmetry import INVERT, INVERTED, MIRROR, MIRRORED, canonical, changed


def described(picture, points):
    """(k, 128) SIFT descriptors of given points, undisturbed by where points would be found."""
    return cv2.SIFT_create().compute(picture, [cv2.KeyPoint(*point) for point in points])[1]


@pytest.fixture
def points(anatomy):
    found = cv2.SIFT_create(nfeatures=60).detect(anatomy(1), None)
    return [(*point.pt, point.size, point.angle) for point in found if point.size < 20]


def alike(a, b):
    return np.median((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))


def test_the_descriptors_of_a_mirrored_picture_are_those_of_the_picture_in_another_order(anatomy, points):
    picture = anatomy(1)
    mirrored = described(picture[:, ::-1].copy(), [(159 - x, y, size, (180 - angle) % 360) for x, y, size, angle in points])

    assert alike(described(picture, points)[:, MIRROR], mirrored) > 0.99
    assert alike(described(picture, points), mirrored) < 0.9


def test_the_descriptors_of_an_inverted_picture_are_those_of_the_picture_in_another_order(anatomy, points):
    picture = anatomy(1)
    inverted = described(255 - picture, [(x, y, size, (angle + 180) % 360) for x, y, size, angle in points])

    assert alike(described(picture, points)[:, INVERT], inverted) > 0.99
    assert alike(described(picture, points), inverted) < 0.9


@pytest.mark.parametrize("parity", [0, MIRRORED, INVERTED, MIRRORED | INVERTED])
def test_a_descriptor_and_its_changed_self_have_one_canonical_form_and_parities_that_tell_them_apart(parity):
    plain = np.random.default_rng(0).random((50, 128), dtype=np.float32)
    form, bits = canonical(plain)
    other, others = canonical(changed(plain, parity))

    np.testing.assert_array_equal(form, other)
    assert set(bits ^ others) == {parity}


def test_changing_twice_changes_nothing():
    plain = np.random.default_rng(0).random((5, 128), dtype=np.float32)

    np.testing.assert_array_equal(changed(changed(plain, MIRRORED | INVERTED), MIRRORED | INVERTED), plain)
