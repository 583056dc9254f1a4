from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar as reference

from overread.evaluation.comparison.classic import delong_paired, mcnemar


def by_pairs(truth, one, other):
    """DeLong's test from its definition: every pair of a positive and a negative, and the covariance of their structural components."""
    areas, above, below = [], [], []
    for score in (one, other):
        wins = (score[truth == 1][:, None] > score[truth == 0]) + 0.5 * (score[truth == 1][:, None] == score[truth == 0])
        areas.append(wins.mean())
        above.append(wins.mean(1))
        below.append(wins.mean(0))
    covariance = np.cov(above) / (truth == 1).sum() + np.cov(below) / (truth == 0).sum()
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return areas[0] - areas[1], 2 * norm.sf(abs(areas[0] - areas[1]) / sqrt(variance))


@pytest.fixture
def two():
    """Truth and two scores with ties, that resemble each other."""
    draw = np.random.default_rng(3)
    truth = (np.arange(150) % 3 == 0).astype(int)
    common = truth + draw.normal(size=150)
    return truth, (common + draw.normal(size=150)).round(1), (common + 1.5 * draw.normal(size=150)).round(1)


def test_delongs_paired_test_is_that_of_all_pairs(two):
    truth, one, other = two
    found = delong_paired(truth, one, other)

    assert found.value == pytest.approx(roc_auc_score(truth, one) - roc_auc_score(truth, other), abs=1e-12)
    assert (found.value, found.p) == pytest.approx(by_pairs(truth, one, other), abs=1e-12)
    assert found.low < found.value < found.high
    assert (found.low > 0) == (found.p < 0.05)


def test_turning_the_pair_around_turns_the_sign_alone(two):
    truth, one, other = two
    there, back = delong_paired(truth, one, other), delong_paired(truth, other, one)

    assert (back.value, back.low, back.high, back.p) == pytest.approx((-there.value, -there.high, -there.low, there.p))


def test_equal_scores_are_not_told_apart_and_a_lone_positive_is_not_tested(two):
    truth, one, _ = two
    assert delong_paired(truth, one, 3 * one + 1).p == 1
    assert delong_paired(np.array([0, 0, 1]), np.array([1.0, 2, 3]), np.array([3.0, 1, 2])).p is None


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (3, 0), (5, 0), (9, 4), (30, 12)])
def test_mcnemars_p_is_statsmodels(gained, lost):
    one = np.repeat([True, False, True, False], [gained, lost, 40, 7])
    other = np.repeat([False, True, True, False], [gained, lost, 40, 7])
    found = mcnemar(one, other)

    assert (found["only_one"], found["only_other"]) == (gained, lost)
    assert found["p"] == pytest.approx(min(1, reference([[40, gained], [lost, 7]], exact=True).pvalue))
