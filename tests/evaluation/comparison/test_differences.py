from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm, t
from sklearn.metrics import accuracy_score, balanced_accuracy_score, brier_score_loss, roc_auc_score

from overread.evaluation.comparison.difference import bootstrapped, carrying, discordant
from overread.evaluation.comparison.differences import Scored, differences, left_out, resample
from overread.evaluation.counts import Cases
from overread.evaluation.intervals import draw_weights
from overread.evaluation.metrics import accuracy, auroc, balanced_accuracy, brier, metrics, point

FEW = {"auroc": auroc, "accuracy": accuracy, "balanced_accuracy": balanced_accuracy, "brier": brier}

THEIRS = {
    "auroc": lambda truth, p: roc_auc_score(truth, p),
    "accuracy": lambda truth, p: accuracy_score(truth, p > 0.5),
    "balanced_accuracy": lambda truth, p: balanced_accuracy_score(truth, p > 0.5),
    "brier": lambda truth, p: brier_score_loss(truth, p),
}


def test_the_draws_are_those_of_a_loop_over_copied_rows_with_scikit_learn(scored):
    models = scored((1.0, 2.0), patients=24)
    drawn = resample(models, FEW, draws=40, seed=5)
    weights = next(draw_weights(np.arange(24), 40, seed=5))

    for model, ours in zip(models, drawn, strict=True):
        for i, weight in enumerate(weights):
            rows = np.repeat(np.arange(72), weight[model.component].astype(int))
            for name, theirs in THEIRS.items():
                assert ours[name][i] == pytest.approx(theirs(model.cases.truth[rows], model.cases.score[rows]), abs=1e-12), name


def test_interval_and_p_are_students_on_the_spread_of_these_draws(scored):
    models = scored((1.0, 1.6))
    one, other = resample(models, FEW, draws=600, seed=1)
    found = differences(models, FEW, draws=600, seed=1)[0, 1]["auroc"]
    without = [each["auroc"] for each in left_out(models, FEW, seed=1)]
    k = min(30, carrying(without[0] - without[1]))  # 30 patients in the rarer class
    error = (one["auroc"] - other["auroc"]).std(ddof=1) * np.sqrt(k / (k - 1))

    assert found.value == pytest.approx(np.subtract(*(roc_auc_score(m.cases.truth, m.cases.score) for m in models)))
    assert found.p == pytest.approx(2 * t.sf(abs(found.value) / error, k - 1))
    assert found.high - found.value == pytest.approx(t.ppf(0.975, k - 1) * error)


def test_leaving_out_is_scikit_learns_figure_of_the_other_patients(scored):
    models = scored((1.0, 2.0), patients=24)

    for model, ours in zip(models, left_out(models, FEW, seed=0), strict=True):
        kept = [model.component != patient for patient in range(24)]
        for name, theirs in THEIRS.items():
            told = [theirs(model.cases.truth[rows], model.cases.score[rows]) for rows in kept]
            assert np.sort(ours[name]) == pytest.approx(np.sort(told), abs=1e-12), name


def test_a_difference_is_carried_by_all_where_none_stands_out_and_by_those_that_do():
    spread = norm.ppf((np.arange(300) + 0.5) / 300)
    eight = np.repeat([0.01, -0.01, 0.0], [4, 4, 292])

    assert carrying(spread) == 300
    assert carrying(np.append(spread, np.nan)) == 300
    assert carrying(eight) == pytest.approx(8, abs=1)
    assert carrying(0.3 + eight) == carrying(eight)
    assert carrying(np.append(0.001 * spread, [9.0, -9.0])) == 2
    assert carrying(np.zeros(50)) == carrying(np.empty(0)) == 2


def two_near_one(random: np.random.Generator, n: int) -> list[Scored]:
    """Two models whose AUROC is 0.999 and 0.993, one case a patient: a handful of cases decides which is the better one."""
    truth, common = (random.random(n) < 0.3).astype(int), 0.5 * random.normal(size=n)
    p = [expit(merit * (truth - 0.5) + common + np.sqrt(0.75) * random.normal(size=n)) for merit in (4.5, 3.5)]
    return [Scored(Cases(truth, np.stack([1 - one, one], 1), (one > 0.5).astype(int)), np.arange(n), np.arange(n)) for one in p]


def test_the_interval_holds_the_difference_of_two_that_are_nearly_perfect():
    one, other = (point(model.cases, {"auroc": auroc})["auroc"] for model in two_near_one(np.random.default_rng(1), 200_000))
    random = np.random.default_rng(2)
    told = [differences(two_near_one(random, 200), {"auroc": auroc}, draws=300, seed=seed)[0, 1]["auroc"] for seed in range(100)]

    assert sum(each.low <= one - other <= each.high for each in told) >= 91


def test_a_truly_better_model_is_told_and_two_equal_ones_are_not(scored):
    found = differences(scored((1.2, 1.2, 3.0), seed=2), metrics("binary"), draws=500, seed=0)

    for name in ("auroc", "accuracy", "balanced_accuracy", "mcc", "brier", "log_loss"):
        assert found[0, 1][name].p > 0.05, name
        assert found[0, 2][name].p < 0.02, name
    assert found[0, 2]["auroc"].high < 0
    assert found[0, 2]["brier"].low > 0
    assert found[0, 1]["auroc"].low < 0 < found[0, 1]["auroc"].high


@pytest.mark.parametrize("shape", [{"patients": 60, "rows": 3}, {"patients": 60, "rows": 1}])
def test_of_two_equally_good_models_about_one_in_twenty_is_called_different(scored, shape):
    told = [differences(scored((1.2, 1.2), seed=seed, **shape), FEW, draws=300, seed=seed)[0, 1] for seed in range(1000, 1200)]

    for name in FEW:
        assert 0.01 <= np.mean([each[name].p < 0.05 for each in told]) <= 0.09, name


def test_drawing_images_instead_of_patients_calls_far_more_of_them_different(scored):
    def alone(model):
        return replace(model, component=np.arange(len(model.row)))

    models = [[alone(model) for model in scored((1.2, 1.2), patients=40, rows=8, seed=seed)] for seed in range(60)]
    told = [differences(each, {"auroc": auroc}, draws=200, seed=0)[0, 1]["auroc"].p < 0.05 for each in models]
    assert np.mean(told) > 0.15


def test_a_model_is_not_told_from_itself(scored):
    [model] = scored((1.2,))
    found = differences([model, model], metrics("binary"), draws=200, seed=0)[0, 1]
    assert {(each.value, each.p) for each in found.values()} == {(0.0, 1.0)}


def test_several_classes_are_compared_in_their_own_figures(scored):
    found = differences(scored((1.0, 3.0), patients=60, classes=3), metrics("multiclass"), draws=300, seed=0)[0, 1]
    assert found["auroc"].high < 0
    assert found["kappa"].p < 0.01


def test_few_components_give_a_difference_without_interval_and_p(scored):
    found = differences(scored((1.2, 2.0), patients=16), FEW, draws=200, seed=0)[0, 1]["auroc"]
    assert found.value is not None
    assert (found.low, found.p, found.method) == (None, None, "none: 8 components behind it, 10 are needed")


def test_few_calls_that_differ_are_not_left_to_the_bootstrap(scored):
    [model] = scored((6.0,), patients=100, rows=1)
    cases = model.cases
    other = replace(model, cases=replace(cases, decision=np.where(np.arange(100) < 3, 1 - cases.truth, cases.truth)))
    best = replace(model, cases=replace(cases, decision=cases.truth))
    found = differences([best, other], {"accuracy": accuracy}, draws=500, seed=0)[0, 1]["accuracy"]

    assert found.method == "Agresti-Min, design effect 1"
    assert found.value == pytest.approx(0.03)
    assert found.low < 0 < found.high
    assert found.p > 0.1


def test_agresti_and_mins_interval_is_their_formula_and_widens_with_correlation():
    gained = np.repeat([1, -1, 0], [6, 2, 92])
    alone, fours = discordant(gained, np.arange(100)), discordant(gained, np.arange(100) // 4)
    centre, half = 4 / 102, t.ppf(0.975, 99) * np.sqrt(9 - 16 / 102) / 102

    assert (alone.low, alone.high) == pytest.approx((centre - half, centre + half), abs=2e-3)  # the design effect is 1.01
    assert fours.high - fours.low > 1.4 * (alone.high - alone.low)
    assert discordant(np.zeros(100), np.arange(100)).p == 1


def test_a_model_without_an_error_is_compared_by_the_two_own_intervals(scored):
    perfect, other = scored((40.0, 1.5), patients=60, rows=1)
    found = differences([perfect, other], FEW, draws=300, seed=0)[0, 1]["auroc"]

    assert found.method.startswith("from the two intervals")
    assert found.low < found.value < found.high
    assert (found.low > 0) == (found.p < 0.05)


def test_draws_that_are_undefined_are_left_out_and_too_many_of_them_are_no_basis():
    drawn = np.random.default_rng(0).normal(0.1, 0.02, 1000)
    few, many = (np.where(np.arange(1000) < n, np.nan, drawn) for n in (50, 150))

    assert bootstrapped(0.1, few, 40).p < 0.001
    assert bootstrapped(0.1, many, 40).method == "none: undefined in too many draws"
