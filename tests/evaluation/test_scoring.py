import numpy as np
import pytest

from overread.evaluation.counts import Cases
from overread.evaluation.metrics import metrics
from overread.evaluation.scoring import score


def of(truth, probability, decision=None):
    p = np.asarray(probability, dtype=float)
    return Cases(np.asarray(truth), np.stack([1 - p, p], 1), np.asarray(decision if decision is not None else p >= 0.5).astype(int))


def test_every_interval_holds_its_value(cases):
    some = cases(300)
    for name, figure in score(some, np.arange(300) // 2, metrics("binary", 0.1), draws=300, seed=0).items():
        assert figure.low < figure.value < figure.high, name


def test_a_perfect_score_is_not_certain():
    truth = np.repeat([0, 1], 30)
    found = score(of(truth, 0.1 + 0.8 * truth), np.arange(60) // 2, metrics("binary"), draws=200, seed=0)

    for name in ("auroc", "sensitivity", "kappa", "accuracy", "mcc", "f1", "ppv"):
        assert found[name].value == pytest.approx(1) and found[name].high == 1
        assert 0.6 < found[name].low < 0.95, name
        assert found[name].method.startswith("Wilson")


def test_a_figure_without_ten_components_behind_it_has_no_interval_and_others_do():
    truth = np.array([1] * 12 + [0] * 60)
    cluster = np.concatenate([np.arange(12) // 2, 100 + np.arange(60)])
    p = np.random.default_rng(0).random(72)
    found = score(of(truth, p), cluster, metrics("binary"), draws=200, seed=0)

    for name in ("sensitivity", "auroc", "kappa"):
        assert found[name].value is not None and found[name].low is None
        assert "6 components" in found[name].method
    assert found["specificity"].low is not None


def test_a_decision_that_never_varies_has_undefined_figures_and_says_so():
    truth = np.tile([0, 1], 40)
    found = score(of(truth, np.random.default_rng(0).random(80), np.zeros(80)), np.arange(80), metrics("binary"), draws=200, seed=0)

    assert found["ppv"].value is None and found["mcc"].value is None
    assert (found["kappa"].value, found["kappa"].low) == (0, None)
    assert found["sensitivity"].low == 0 and 0 < found["sensitivity"].high < 0.2


def test_an_expected_calibration_error_keeps_inside_its_interval_though_resampling_inflates_it(cases):
    draw = np.random.default_rng(1)
    p = draw.random(150)
    calibrated = of((draw.random(150) < p).astype(int), p)
    found = score(calibrated, np.arange(150), metrics("binary"), draws=400, seed=0)["ece"]

    assert 0 <= found.low < found.value < found.high
    assert "shifted" in found.method
