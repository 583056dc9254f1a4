import numpy as np
import pytest
from scipy.special import softmax

from overread.learners.late_fusion.together import alone_and_together, combine

DRAW = np.random.default_rng(0)


def drawn(n: int, classes: int, image: float, table: float, bias: list[float]):
    """Logits of two parts, and labels drawn from what they say together."""
    parts = DRAW.normal(0, [[[2.0]], [[0.5]]], (2, n, classes))
    p = softmax(image * parts[0] + table * parts[1] + bias, axis=1)
    return parts[0], parts[1], (DRAW.random((n, 1)) > p.cumsum(axis=1)[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("bias", [[0.0, -1.0], [0.0, 1.0, -0.5]])
def test_planted_weights_are_found(bias):
    image, table, truth = drawn(20_000, len(bias), 0.6, 1.5, bias)

    found = combine(image, table, truth)

    assert (found.image, found.table) == (pytest.approx(0.6, abs=0.08), pytest.approx(1.5, abs=0.15))
    assert found.bias == pytest.approx(bias, abs=0.1)


def test_neither_answer_is_ever_turned_over():
    image, table, truth = drawn(40, 2, 1.0, -3.0, [0.0, 0.0])

    assert combine(image, table, truth).table == 0


def test_a_few_rows_that_are_told_without_a_mistake_keep_finite_weights():
    truth = np.array([0, 1, 0, 1])
    raw = np.column_stack([np.zeros(4), truth * 20.0 - 10])

    assert np.isfinite(combine(raw, raw, truth)(raw, raw)).all()


def test_each_alone_and_both_are_scored_on_components_the_weights_did_not_see():
    image, table, truth = drawn(600, 2, 0.6, 2.5, [0.0, 0.0])
    areas = alone_and_together(image, table, truth, np.arange(600) // 2, 0)
    useless = alone_and_together(image * 0, DRAW.normal(size=(600, 2)), truth, np.arange(600) // 2, 0)

    assert areas["both"] > max(areas["image"], areas["table"])
    assert useless["image"] == 0.5 and abs(useless["both"] - 0.5) < 0.1


def test_a_class_of_one_component_gives_no_figure_of_both():
    image, table, truth = drawn(60, 2, 1, 1, [0.0, 0.0])

    areas = alone_and_together(image, table, truth, np.where(truth == 1, 0, np.arange(60)), 0)

    assert np.isnan(areas["both"]) and not np.isnan(areas["image"])


def test_an_answer_of_narrow_spread_far_from_zero_is_heard_all_the_same():
    truth = DRAW.integers(0, 2, 60)
    sure = np.column_stack([np.zeros(60), -1.5 + 0.02 * truth + DRAW.normal(0, 0.005, 60)])

    found = combine(sure, DRAW.normal(size=(60, 2)), truth)(sure, np.zeros((60, 2)))

    assert ((found[:, 1] > 0) == truth).all()
