import numpy as np
import pytest

from overread.evaluation.delong import delong

NDKA = (
    "- + - - + + + - - - - - - - - - + - - - - - - + + - - + - -- - + -+ - - - - + - - + - - - - - - + + + - + - - + - - - - - + - -+ - - + - - + "
    "+ - + + - - -+ + + - - - + - - - - + + + + - - + - - - + + + + - - + - + - + - +"
)
"""Outcome (+ poor, - good) of 113 patients by rising NDKA, ties written together: aSAH of the R package pROC (Turck et al. 2010)."""


def in_order(words):
    truth = [letter == "+" for word in words.split() for letter in word]
    score = [place for place, word in enumerate(words.split()) for _ in word]
    return np.array(truth, dtype=int), np.array(score, dtype=float)


def test_the_interval_of_ndka_is_the_one_that_proc_publishes():
    found = delong(*in_order(NDKA))

    assert (found.low, found.value, found.high) == pytest.approx((0.501244999271703, 0.611957994579946, 0.722670989888189), abs=1e-12)


def test_the_interval_of_hanley_and_mcneils_ratings_is_the_one_in_statas_manual():
    healthy, ill = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    truth = np.repeat([0] * 5 + [1] * 5, healthy + ill)
    rating = np.repeat(list(range(5)) * 2, healthy + ill).astype(float)
    found = delong(truth, rating)

    assert (found.value, found.low, found.high) == pytest.approx((0.8932, 0.83295, 0.95339), abs=5e-5)


def test_a_perfect_ranking_and_a_lone_positive_get_no_interval():
    perfect = delong(np.array([0, 0, 1, 1]), np.array([1.0, 2, 3, 4]))

    assert (perfect.value, perfect.low) == (1.0, None)
    assert delong(np.array([0, 0, 1]), np.array([1.0, 2, 3])).value is None
