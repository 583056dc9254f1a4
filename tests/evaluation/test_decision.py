import json

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import roc_auc_score

from overread.catalog import Target
from overread.evaluation.decision import Decision, choose_threshold, fit_decision

BINARY = Target("binary", ("healthy", "ill"), "ill")
THREE = Target("multiclass", ("a", "b", "c"))


def binary(n=4000, slope=0.5, intercept=-1.0, seed=0):
    """Logits z whose true log-odds are slope * z + intercept."""
    draw = np.random.default_rng(seed)
    z = draw.normal(1, 2, n)
    return np.stack([np.zeros(n), z], 1), (draw.random(n) < expit(slope * z + intercept)).astype(int)


def test_the_planted_slope_and_intercept_are_found():
    raw, truth = binary()
    found = fit_decision(raw, truth, BINARY)

    assert found.method == "Platt scaling"
    assert (found.slope, found.bias[1] - found.bias[0]) == pytest.approx((0.5, -1.0), abs=0.1)
    assert found.probabilities(raw)[:, 1].mean() == pytest.approx(truth.mean(), abs=0.01)


def test_the_planted_temperature_and_class_bias_are_found():
    draw = np.random.default_rng(1)
    raw = draw.normal(0, 3, (6000, 3))
    p = softmax(0.4 * raw + [0, 1.0, -0.5], axis=1)
    truth = (draw.random((6000, 1)) > p.cumsum(1)).sum(1)
    found = fit_decision(raw, truth, THREE)

    assert found.method == "temperature and class bias" and found.threshold is None
    assert [found.slope, *found.bias] == pytest.approx([0.4, 0, 1.0, -0.5], abs=0.12)


def test_calibration_keeps_the_ranking_even_of_a_model_that_ranks_the_wrong_way_round():
    raw, truth = binary(300, slope=-1.0)
    found = fit_decision(raw, truth, BINARY)

    assert found.slope > 0
    assert roc_auc_score(truth, found.probabilities(raw)[:, 1]) == pytest.approx(roc_auc_score(truth, raw[:, 1]))


def test_separable_classes_get_a_finite_slope():
    raw = np.stack([np.zeros(20), np.repeat([-5.0, 5.0], 10)], 1)
    found = fit_decision(raw, np.repeat([0, 1], 10), BINARY)

    p = found.probabilities(raw)[:, 1]
    assert 0 < p.min() < 0.1 and 0.9 < p.max() < 1
    assert (found.decide(found.probabilities(raw)) == np.repeat([0, 1], 10)).all()


def test_without_calibration_probabilities_are_the_softmax_of_the_logits():
    raw, truth = binary(200)
    found = fit_decision(raw, truth, BINARY, calibrate=False)

    assert found.method == "none" and found.note == ""
    assert found.probabilities(raw) == pytest.approx(softmax(raw, axis=1))


def test_a_class_that_validation_lacks_leaves_logits_alone_and_is_named():
    raw, truth = binary(50)
    found = fit_decision(raw, np.zeros(50, dtype=int), BINARY)

    assert (found.slope, found.threshold, found.method) == (1.0, 0.5, "none")
    assert "no case of ill" in found.note
    assert fit_decision(raw[:0], truth[:0], BINARY).threshold == 0.5
    assert fit_decision(np.zeros((4, 3)), np.array([0, 1, 0, 1]), THREE).threshold is None


def test_rows_of_unknown_truth_are_not_learnt_from():
    raw, truth = binary(400)
    hidden = truth.copy()
    hidden[200:] = -1

    assert fit_decision(raw, hidden, BINARY) == fit_decision(raw[:200], truth[:200], BINARY)


def test_youden_separates_what_can_be_separated_half_way():
    truth, score = np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.7, 0.9])

    assert choose_threshold(truth, score, "youden") == pytest.approx(0.5)


def test_a_target_sensitivity_takes_the_largest_threshold_that_reaches_it():
    truth = np.array([0] * 10 + [1] * 10)
    score = np.concatenate([np.linspace(0.05, 0.5, 10), np.linspace(0.3, 0.9, 10)])
    at = choose_threshold(truth, score, 0.9)

    assert (score[truth == 1] >= at).mean() == pytest.approx(0.9)
    assert (score[truth == 1] >= np.nextafter(np.sort(score[score > at])[0], 1)).mean() < 0.9
    assert choose_threshold(truth, score, 1.0) <= 0.3


def test_the_threshold_itself_is_positive_and_the_decision_survives_json():
    decision = Decision("none", 1.0, [0.0, 0.0], 0.3, "one half", 9)

    assert decision.decide(np.array([[0.7, 0.3], [0.71, 0.29]])).tolist() == [1, 0]
    assert Decision.from_dict(json.loads(json.dumps(decision.to_dict()))) == decision
