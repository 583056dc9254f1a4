import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from overread.evaluation.recalibration import in_the_large, recalibrate


@pytest.fixture
def scored():
    draw = np.random.default_rng(0)
    logit = draw.normal(0.5, 2, 300)
    return logit, (draw.random(300) < expit(-0.4 + 0.7 * logit)).astype(int)


def test_slope_and_intercept_are_the_maximum_likelihood_ones_for_each_weighting(scored):
    logit, truth = scored
    weight = np.random.default_rng(1).integers(0, 4, (3, 300)).astype(float)

    for row, mine in zip(weight, recalibrate(logit, truth, weight), strict=True):
        theirs = sm.GLM(truth, sm.add_constant(logit), family=sm.families.Binomial(), freq_weights=row).fit(tol=1e-13).params
        assert mine == pytest.approx(theirs, abs=1e-8)


def test_the_intercept_in_the_large_is_that_of_a_model_with_the_log_odds_as_offset(scored):
    logit, truth = scored
    theirs = sm.GLM(truth, np.ones(300), offset=logit, family=sm.families.Binomial()).fit(tol=1e-13).params[0]

    assert in_the_large(logit, truth, np.ones((1, 300)))[0] == pytest.approx(theirs, abs=1e-8)


def test_the_planted_miscalibration_is_found():
    draw = np.random.default_rng(2)
    logit = draw.normal(0, 2, 40_000)
    truth = (draw.random(40_000) < expit(1 + 0.5 * logit)).astype(int)

    assert recalibrate(logit, truth, np.ones((1, 40_000)))[0] == pytest.approx([1, 0.5], abs=0.05)


def test_separable_cases_and_one_class_have_no_slope_while_others_beside_them_do(scored):
    logit, truth = scored
    apart = np.where((truth == 1) == (logit > 0), 1.0, 0.0)
    found = recalibrate(logit, truth, np.stack([apart, np.ones(300), (truth == 1).astype(float)]))

    assert np.isnan(found[[0, 2]]).all()
    assert np.isfinite(found[1]).all()
    assert np.isnan(in_the_large(logit, truth, truth[None].astype(float)))[0]
