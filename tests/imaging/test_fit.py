import json
from dataclasses import asdict

import numpy as np
import pytest

from overread.imaging.dicom.view import View
from overread.imaging.fit import Fitting
from overread.recipe import Image


@pytest.mark.parametrize("fit", ["letterbox", "squash", "crop"])
@pytest.mark.parametrize("shape", [(48, 64), (64, 48, 3), (1, 1), (3, 900), (40_000, 2), (32, 32, 3)])
def test_every_shape_becomes_a_square_of_three_channels(shape, fit):
    square = Fitting(32, fit).apply(np.full(shape, 90, np.uint8))
    assert (square.shape, square.dtype) == ((32, 32, 3), np.uint8)
    assert square.max() == 90


def test_letterbox_keeps_the_aspect_and_pads_with_black(grey):
    square = Fitting(64).apply(grey)[..., 0]
    assert np.array_equal(square[8:56], grey)
    assert not square[:8].any() and not square[56:].any()


def test_crop_cuts_the_longer_side_and_squash_keeps_it(grey):
    assert np.array_equal(Fitting(48, "crop").apply(grey)[..., 0], grey[:, 8:56])
    assert abs(Fitting(48, "squash").apply(grey).mean() - grey.mean()) < 1


def test_shrinking_averages_over_area_so_a_thin_line_is_not_lost():
    film = np.zeros((256, 256), np.uint8)
    film[:, 101] = 255
    small = Fitting(32).apply(film)[..., 0]
    assert small.mean() == pytest.approx(film.mean(), rel=0.05)


def test_one_axis_may_shrink_while_the_other_grows():
    film = np.zeros((16, 512), np.uint8)
    film[:, ::2] = 200
    assert np.ptp(Fitting(64, "squash").apply(film)) == 0


def test_colours_stay_in_their_channels(colour):
    assert np.array_equal(Fitting(64).apply(colour)[8:56], colour)


def test_the_key_tells_fittings_apart():
    assert len({Fitting(size, fit).key for size in (32, 64) for fit in ("letterbox", "squash", "crop")}) == 6


def test_a_view_is_part_of_the_name_in_the_cache_and_the_default_is_not():
    views = [View(), View(window=2), *(View(**{step: way}) for step in ("modality", "voi", "invert") for way in (True, False))]
    assert len({Fitting(64, view=view).key for view in views}) == len(views)
    assert Fitting(64, view=View()).key == "letterbox-64"


def test_a_fitting_is_what_the_recipe_says_and_survives_json():
    image = Image(fit="crop", dicom={"window": 2, "invert": False})
    fitting = Fitting.of(image, 96)
    assert fitting == Fitting(96, "crop", View(window=2, invert=False))
    assert Fitting.from_dict(json.loads(json.dumps(asdict(fitting)))) == fitting
    assert Fitting.from_dict({"size": 96, "fit": "crop"}) == Fitting(96, "crop")


@pytest.mark.parametrize("fit", ["letterbox", "squash", "crop"])
@pytest.mark.parametrize("shape", [(20, 60), (60, 20), (33, 33), (3, 200)])
def test_within_leaves_out_the_padding_and_nothing_else(fit, shape):
    fitting = Fitting(64, fit)
    square = fitting.apply(np.full(shape, 200, np.uint8))
    inside = np.zeros((64, 64), bool)
    inside[fitting.within(shape)] = True

    assert (square[inside] == 200).all() and (square[~inside] == 0).all()
