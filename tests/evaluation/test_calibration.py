import numpy as np
import pytest
from scipy.special import expit

from overread.evaluation.calibration import on_calibration
from overread.evaluation.counts import Cases
from overread.evaluation.metrics import metrics
from overread.evaluation.scoring import score


@pytest.mark.parametrize(("stretch", "passed"), [(1.0, True), (3.0, False)])
def test_probabilities_stretched_threefold_are_called_too_extreme_and_honest_ones_are_not(stretch, passed):
    draw = np.random.default_rng(0)
    logit = draw.normal(0, 1.5, 600)
    p = expit(stretch * logit)
    cases = Cases((draw.random(600) < expit(logit)).astype(int), np.stack([1 - p, p], 1), (p >= 0.5).astype(int))
    figures = score(cases, np.arange(600), {"calibration_slope": metrics("binary", None)["calibration_slope"]}, draws=300, seed=0)

    [finding] = on_calibration({"n": 600, "metrics": {name: figure.to_dict() for name, figure in figures.items()}}, "fracture")

    assert finding.passed is passed
    assert finding.effect.value == pytest.approx(1 / stretch, rel=0.2)


def test_nothing_is_said_where_there_is_no_interval():
    assert on_calibration({"n": 9, "metrics": {"calibration_slope": {"value": 0.1, "low": None, "high": None}}}, "fracture") == []
    assert on_calibration({"n": 9, "metrics": {}}, "fracture") == []


def test_probabilities_that_fall_as_the_class_gets_likelier_are_not_called_extreme():
    slope = {"value": -2.0, "low": -3.0, "high": -1.0}
    [finding] = on_calibration({"n": 90, "metrics": {"calibration_slope": slope}}, "fracture")
    assert finding.passed is False
    assert "point the wrong way" in finding.sentence


@pytest.mark.parametrize(("shift", "passed", "words"), [(0.0, True, "not shown to be off"), (1.5, False, "too high"), (-1.5, False, "too low")])
def test_probabilities_shifted_as_a_whole_are_said_to_be_too_high_or_too_low(shift, passed, words):
    draw = np.random.default_rng(1)
    logit = draw.normal(0, 1.5, 600)
    p = expit(logit + shift)
    cases = Cases((draw.random(600) < expit(logit)).astype(int), np.stack([1 - p, p], 1), (p >= 0.5).astype(int))
    chosen = {"calibration_intercept": metrics("binary", None)["calibration_intercept"]}
    figures = score(cases, np.arange(600), chosen, draws=300, seed=0)

    [finding] = on_calibration({"n": 600, "metrics": {name: figure.to_dict() for name, figure in figures.items()}}, "fracture")

    assert finding.passed is passed
    assert words in finding.sentence
    assert finding.effect.value == pytest.approx(-shift, abs=0.3)
