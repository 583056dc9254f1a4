import cv2
import numpy as np

from overread.duplicates.common import FEWEST, own


def asked(pictures):
    names = [f"{i:03d}" for i in range(len(pictures))]
    return own(pictures.__getitem__, np.array([picture.shape for picture in pictures]), names, range(len(pictures)))


def test_what_a_screen_shows_is_its_own_and_the_screen_is_not(anatomy, on_screen):
    found = asked([on_screen(anatomy(seed)) for seed in range(12)])

    assert len(found) == 12
    for mine in found.values():
        assert mine[100:280, 160:300].mean() > 0.6
        assert mine[320:350].mean() < 0.02 and mine[:80].mean() < 0.02


def test_of_two_machines_each_has_its_own_screen(anatomy, on_screen):
    other = [np.ascontiguousarray(on_screen(anatomy(seed))[::-1, ::-1]) for seed in range(10, 20)]

    found = asked([*(on_screen(anatomy(seed)) for seed in range(10)), *other])

    assert len(found) == 20
    assert found[0][320:350].mean() < 0.02 and found[19][10:40].mean() < 0.02


def test_strangers_without_a_screen_have_nothing_in_common_that_would_be_taken_from_them(anatomy):
    assert not asked([anatomy(seed)[40:160, 32:128] for seed in range(12)])


def test_a_family_of_copies_keeps_what_it_shares(anatomy, on_screen):
    film = on_screen(anatomy(0))

    assert not asked([cv2.imdecode(cv2.imencode(".jpg", film, [cv2.IMWRITE_JPEG_QUALITY, 30 + 5 * i])[1], 0) for i in range(12)])


def test_too_few_pictures_tell_nothing(anatomy, on_screen):
    assert not asked([on_screen(anatomy(seed)) for seed in range(FEWEST)])
