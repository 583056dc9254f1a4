"""What every method promises, on a network whose eyes are known."""

import numpy as np
import pytest
import torch

from overread.explanation.base import Heat
from overread.registry import EXPLANATIONS

METHODS = ("grad-cam", "grad-cam-plus-plus", "hires-cam")

POSITIVE = torch.tensor([1])


@pytest.fixture(params=METHODS)
def method(request):
    return EXPLANATIONS.get(request.param)


def test_the_methods_of_the_house_are_listed():
    assert tuple(EXPLANATIONS.names()) == METHODS


@pytest.mark.parametrize("cell", [(0, 0), (2, 5), (7, 3)])
def test_the_peak_lies_on_the_dot_that_the_network_answers_to(method, seer, dots, cell):
    heat = method(seer(), dots(cell), POSITIVE, "act")

    assert heat.maps.shape == (1, 8, 8)
    assert heat.maps.dtype == np.float32
    assert np.unravel_index(heat.maps[0].argmax(), (8, 8)) == cell
    assert heat.places[0].tolist() == [(cell[1] + 0.5) / 8, (cell[0] + 0.5) / 8]
    assert np.count_nonzero(heat.maps) == 1


def test_the_map_of_the_negative_class_is_that_of_the_negated_score(method, seer, dots):
    pixels = dots((2, 5), (6, 1))
    negative, negated = method(seer(2.0, -1.0), pixels, torch.tensor([0, 0]), "act"), method(seer(-2.0, 1.0), pixels, torch.tensor([1, 1]), "act")

    assert negative.maps == pytest.approx(negated.maps)
    assert negative.scores == pytest.approx(-method(seer(), pixels, torch.tensor([1, 1]), "act").scores)
    assert negative.maps[0, 2, 5] == 0 < negative.maps[0, 0, 0]


def test_each_row_has_the_map_of_its_own_class_of_several(method, seer, dots):
    network, pixels = seer(2.0, 0.0, 0.0, 3.0, 0.0, -1.0), dots((1, 1), (1, 1), (1, 1))
    bright, dark, nothing = method(network, pixels, torch.tensor([0, 1, 2]), "act").maps

    assert bright[1, 1] > 0 == np.delete(bright, 9).max()
    assert dark[1, 1] == 0 < np.delete(dark, 9).min()
    assert nothing.max() == 0


def test_a_batch_is_the_same_as_one_by_one(method):
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(inplace=True), torch.nn.Conv2d(8, 4, 3, stride=4))
    torch.manual_seed(3)
    network = torch.nn.Sequential(network, torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(16, 3)).train()
    pixels, codes = torch.randn(5, 3, 32, 32), torch.tensor([0, 1, 2, 1, 0])
    together = method(network, pixels, codes, "0.2")
    alone = [method(network, pixels[i : i + 1], codes[i : i + 1], "0.2") for i in range(5)]

    assert together.maps == pytest.approx(np.concatenate([heat.maps for heat in alone]), abs=1e-6)
    assert together.scores == pytest.approx(np.concatenate([heat.scores for heat in alone]), abs=1e-6)


def test_the_magnitude_grows_with_the_weight_of_the_evidence(method, seer, dots):
    """Of Grad-CAM and HiResCAM in proportion; Grad-CAM++ divides by 2 plus the evidence."""
    once, thrice = (method(seer(w, -w / 2), dots((4, 4)), POSITIVE, "act").peaks[0] for w in (2.0, 6.0))

    if method.__name__ == "grad_cam_plus_plus":
        assert once < thrice < 3 * once
    else:
        assert thrice == pytest.approx(3 * once)


def test_a_map_that_nothing_speaks_for_is_zero_and_is_not_stretched(method, seer, dots):
    heat = method(seer(-2.0, -1.0), dots((4, 4)), POSITIVE, "act")

    assert heat.maps.max() == heat.peaks[0] == heat.means[0] == 0


def test_a_peak_that_cells_share_lies_between_them():
    """Two equal cells peak at their border, a lower one draws it a little, a square of equal cells peaks in its middle."""
    maps = np.zeros((4, 7, 7), np.float32)
    maps[0, 3, 2:4] = 1
    maps[1, 3, 2:4] = 1, 0.5
    maps[2, 0, 0] = 1
    maps[3, 2:5, 2:5] = 1
    x, y = Heat(maps, np.zeros(4, np.float32), np.zeros(4, np.int64), "any").places.T * 7

    assert (x[0], y[0]) == (pytest.approx(3, abs=0.06), 3.5)
    assert 2.5 < x[1] < x[0]
    assert (x[2], y[2]) == (0.5, 0.5)
    assert (x[3], y[3]) == (3.5, 3.5)


@pytest.mark.parametrize("name", ["grad-cam", "hires-cam"])
def test_pooled_by_mean_and_read_by_a_line_the_map_sums_to_the_logit_less_its_constant(name, seer, dots):
    heat = EXPLANATIONS.get(name)(seer(2.0, 1.0), dots((4, 4), (0, 7)), torch.tensor([1, 1]), "act")

    assert heat.maps.sum((1, 2)) == pytest.approx(heat.scores - 0.25, rel=1e-5)


def test_hires_cam_is_grad_cam_below_a_mean_and_a_line_and_not_elsewhere(seer, dots):
    """Draelos & Carin 2020, section 3.4."""
    grad, hires = (EXPLANATIONS.get(name) for name in ("grad-cam", "hires-cam"))
    pixels = dots((2, 5), (3, 3)) + 0.1
    assert hires(seer(), pixels, torch.tensor([1, 0]), "act").maps == pytest.approx(grad(seer(), pixels, torch.tensor([1, 0]), "act").maps)

    network = seer()
    network.pool = torch.nn.AdaptiveMaxPool2d(1)
    assert hires(network, pixels, torch.tensor([1, 1]), "act").maps.max() > 10 * grad(network, pixels, torch.tensor([1, 1]), "act").maps.max()


def test_the_network_is_left_as_it_was(method, seer, dots):
    network = seer().train()
    network.eyes.weight.requires_grad_(False)
    method(network, dots((1, 2)), POSITIVE, "act")

    assert network.training and network.act.training
    assert [parameter.requires_grad for parameter in network.parameters()] == [False, True, True, True]
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not network.act._forward_hooks
    assert torch.is_grad_enabled()


def test_autocast_around_it_changes_nothing(method, seer, dots):
    pixels = dots((2, 5)) * 0.37 + 0.123
    plain = method(seer(), pixels, POSITIVE, "act")
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        again = method(seer(), pixels, POSITIVE, "act")

    assert (again.maps == plain.maps).all()
