"""A place in the square is the same place in the film: planted dots and planted slopes come back to where they were."""

import cv2
import numpy as np
import pytest

from overread.imaging.fit import Fitting

FITS = ("letterbox", "squash", "crop")

SHAPES = [(300, 200), (200, 300), (97, 411), (64, 64), (1000, 731)]


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_planted_dot_comes_back_to_where_it_was(fit, shape):
    height, width = shape
    fitting = Fitting(224, fit)
    for x, y in [(0.5, 0.5), (0.4, 0.62), (0.55, 0.35)]:
        at = (width / 2 + (x - 0.5) * min(shape), height / 2 + (y - 0.5) * min(shape))
        down, across = np.mgrid[:height, :width] + 0.5
        film = 255 * np.exp(-((across - at[0]) ** 2 + (down - at[1]) ** 2) / (2 * (min(shape) / 20) ** 2))

        square = fitting.apply(film.astype(np.uint8))[..., 0].astype(float)
        back = np.nan_to_num(fitting.back(square, shape))

        assert back.shape == shape
        found = [(place * back).sum() / back.sum() for place in (across, down)]
        assert found == pytest.approx(at, abs=0.004 * max(shape))
        peak = np.unravel_index(square.argmax(), square.shape)
        assert fitting.point(peak[1] + 0.5, peak[0] + 0.5, shape) == pytest.approx(at, abs=1.2 * max(shape) / 224)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("cells", [7, 14, 64])
def test_a_slope_of_cells_comes_back_as_the_slope_of_the_film(fit, shape, cells):
    """A map whose cells hold their own place in the film gives every pixel its place: the centres are aligned at any resolution."""
    fitting = Fitting(224, fit)
    middles = (np.arange(cells) + 0.5) * 224 / cells
    across = np.array([fitting.point(x, 112, shape)[0] for x in middles])
    down = np.array([fitting.point(112, y, shape)[1] for y in middles])

    for slope, line in (
        (np.tile(across, (cells, 1)), fitting.back(np.tile(across, (cells, 1)), shape)[shape[0] // 2]),
        (down, fitting.back(np.tile(down[:, None], (1, cells)), shape)[:, shape[1] // 2]),
    ):
        own = np.arange(len(line)) + 0.5
        between = (own > slope.min()) & (own < slope.max())
        assert between.sum() > min(shape) / 2
        assert line[between] == pytest.approx(own[between], abs=1e-3)


def test_what_crop_cuts_away_has_no_heat_and_nothing_else_lacks_it():
    film = np.isnan(Fitting(224, "crop").back(np.ones((7, 7)), (300, 200)))
    assert film[:50].all() and film[-50:].all() and not film[50:-50].any()
    for fit in ("letterbox", "squash"):
        assert (Fitting(224, fit).back(np.ones((7, 7)), (300, 200)) == 1).all()


def test_heat_on_padding_stays_outside_the_film():
    """A letterboxed tall film is 149 px wide in the square; a dot left of it has a place left of the film."""
    heat = np.zeros((7, 7))
    heat[3, 0] = 1
    fitting = Fitting(224, "letterbox")
    assert fitting.back(heat, (300, 200))[:, 20:].max() == 0
    x, y = fitting.point(16, 112, (300, 200))
    assert x < 0
    assert y == pytest.approx(150)


def test_interpolation_is_that_of_opencv_at_whole_multiples():
    heat = np.random.default_rng(0).random((7, 7)).astype(np.float32)
    assert Fitting(224, "squash").back(heat, (224, 224)) == pytest.approx(cv2.resize(heat, (224, 224), interpolation=cv2.INTER_LINEAR), abs=1e-5)
