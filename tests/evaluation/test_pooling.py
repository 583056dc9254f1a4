"""Several answers become one: every pool against its formula, and what the learned one finds where the answer is planted."""

import numpy as np
import pytest
from scipy.special import expit, log_expit, logit, softmax

from overread.catalog import Target
from overread.errors import UserError
from overread.evaluation.pooling import LEAST, check_pool, choose_exponent, pool

BINARY = Target("binary", ("well", "ill"), "ill")
THREE = Target("multiclass", ("a", "b", "c"))
FIRST = np.array([0, 3, 4])
P = np.array([0.2, 0.9, 0.4, 0.7, 0.5, 0.1])
"""Units of three, one and two images."""


def logs(p: np.ndarray) -> np.ndarray:
    return np.log(np.stack([1 - p, p], axis=1))


def positive(how: str, exponent: float = 0.0) -> np.ndarray:
    pooled = np.exp(pool(logs(P), FIRST, how, True, exponent))
    assert pooled.sum(1) == pytest.approx(1)
    return pooled[:, 1]


def test_each_pool_is_its_formula_by_hand():
    assert positive("mean") == pytest.approx([0.5, 0.7, 0.3])
    assert positive("max") == pytest.approx([0.9, 0.7, 0.5])
    assert positive("noisy-or") == pytest.approx([1 - 0.8 * 0.1 * 0.6, 0.7, 1 - 0.5 * 0.9])
    assert positive("learned", 0.0)[2] == pytest.approx(expit((logit(0.5) + logit(0.1)) / 2))
    assert positive("learned", 2.0)[2] == pytest.approx(expit(np.log((1 + (1 / 9) ** 2) / 2) / 2))


def test_the_learned_pool_runs_from_the_mean_of_log_odds_to_the_largest():
    ends = [positive("learned", r) for r in (0.0, 1e-6, 1.0, 8.0, 1000.0)]

    assert ends[0] == pytest.approx(ends[1], abs=1e-5)
    assert (np.diff(np.stack(ends)[:, [0, 2]], axis=0) > -1e-9).all()
    assert ends[-1] == pytest.approx(positive("max"), abs=1e-3)


def test_of_several_classes_the_pooled_probabilities_sum_to_one():
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.2, 0.6]])
    first = np.array([0, 2])

    assert np.exp(pool(np.log(p), first, "mean", False)) == pytest.approx(np.array([[0.4, 0.25, 0.35], p[2]]))
    assert np.exp(pool(np.log(p), first, "max", False)) == pytest.approx(np.array([np.array([0.7, 0.3, 0.6]) / 1.6, p[2]]))
    assert pool(np.log(p), first, "learned", False, 1.0) == pytest.approx(pool(np.log(p), first, "mean", False))
    geometric = np.sqrt(p[0] * p[1])
    assert np.exp(pool(np.log(p), first, "learned", False, 0.0))[0] == pytest.approx(geometric / geometric.sum())


@pytest.mark.parametrize("how", ["mean", "max", "noisy-or", "learned"])
def test_a_unit_of_one_image_says_what_the_image_says_however_sure_it_is(how):
    odds = np.array([-60.0, -40.0, 0.3, 40.0, 60.0])
    pooled = pool(np.stack([log_expit(-odds), log_expit(odds)], 1), np.arange(5), how, True, 2.0)

    assert pooled[:, 1] - pooled[:, 0] == pytest.approx(odds, rel=1e-9)


def test_nothing_pooled_is_without_a_finite_logarithm_and_an_image_without_an_answer_leaves_none():
    sure = np.array([[0.0, -5000.0], [0.0, -5000.0], [np.nan, np.nan], [-1.0, -0.5]])
    for how in ("mean", "max", "noisy-or", "learned"):
        pooled = pool(sure, np.array([0, 2]), how, True, 1.0)
        assert pooled[0].min() == pytest.approx(np.log(LEAST))
        assert np.isnan(pooled[1]).all()


def study(seed: int, alone: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-probabilities, begins and truths of 400 studies of four views: one view alone shows the finding, or all are noisy copies."""
    draw = np.random.default_rng(seed)
    ill = np.arange(400) % 2
    shown = np.arange(4) == draw.integers(0, 4, 400)[:, None]
    odds = draw.normal(0, 1.0, (400, 4)) - 2 + (5 * ill[:, None] * shown if alone else 1.5 * ill[:, None])
    return np.stack([log_expit(-odds.ravel()), log_expit(odds.ravel())], 1), np.arange(0, 1600, 4), ill


def test_one_telling_view_is_learnt_as_a_maximum_and_noisy_copies_as_a_mean():
    assert min(choose_exponent(*study(seed, alone=True), BINARY) for seed in range(3)) >= 2
    assert max(choose_exponent(*study(seed, alone=False), BINARY) for seed in range(3)) <= 0.5


def test_nothing_is_learnt_where_a_class_is_missing():
    log_p, first, _ = study(0, alone=True)

    assert choose_exponent(log_p, first, np.zeros(400, dtype=int), BINARY) == 0
    assert choose_exponent(np.log(softmax(np.ones((4, 3)), 1)), np.array([0, 2]), np.array([0, -1]), THREE) == 0


def test_noisy_or_is_refused_of_what_is_no_finding():
    check_pool("noisy-or", {"abnormal": BINARY, "part": THREE})
    check_pool("max", {"part": THREE})
    with pytest.raises(UserError, match=r"noisy-or.*part is multiclass.*evaluation\.pool"):
        check_pool("noisy-or", {"part": THREE, "abnormal": BINARY})
