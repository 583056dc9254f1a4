import pytest

from overread.report.data import alike
from overread.report.show import estimate, figure, interval, listed, missing, plain, share


@pytest.mark.parametrize(
    ("entry", "name", "said"),
    [
        ({"value": 0.83123, "low": 0.7784, "high": 0.8826}, "auroc", "0.831 (0.778 to 0.883)"),
        ({"value": 0.7833, "low": 0.701, "high": 0.852}, "sensitivity", "78.3% (70.1 to 85.2)"),
        ({"value": -0.12, "low": -0.31, "high": 0.04}, "calibration_intercept", "−0.120 (−0.310 to 0.040)"),
        ({"value": 0.9, "low": None, "high": None}, "auroc", "0.900 (no interval)"),
        ({"value": None, "low": None, "high": None}, "auroc", "not defined"),
        ({"value": 1.0, "low": 0.93, "high": 1.0}, "specificity", "100.0% (93.0 to 100.0)"),
    ],
)
def test_a_figure_is_written_with_its_interval(entry, name, said):
    assert estimate(entry, name) == said


def test_a_figure_that_rounds_to_nothing_has_no_sign():
    assert figure(-0.0001) == "0.000"
    assert figure(-0.001) == "−0.001"


def test_the_reason_for_no_interval_is_the_evaluations_own_where_it_gives_one():
    assert missing({"method": "none: 7 components behind it, 10 are needed"}) == "no interval: 7 components behind it, 10 are needed"
    assert missing({"method": "BCa"}) == "no interval: fewer than 10 components in a class"
    assert interval({"value": 0.5, "low": None, "high": None}) == ""


def test_shares_keep_a_decimal_where_it_matters():
    assert [share(value) for value in (0, 0.004, 0.38, 0.966, 1, None)] == ["0%", "0.4%", "38%", "96.6%", "100%", "–"]


def test_words_are_joined_as_in_a_sentence():
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_plain_data_are_written_as_words():
    assert plain({"kind": "mlp", "dropout": [0.5, 0.3], "on": True, "none": None}) == "kind mlp; dropout 0.5, 0.3; on yes; none –"


def test_reasons_that_differ_in_a_row_or_a_number_are_counted_together():
    reasons = {"train: component of 3 rows joined by patient": 6, "train: component of 5 rows joined by patient": 5, "copy of row 7, counted once": 1,
               "copy of row a/9, counted once": 2, "test: alone": 4}  # fmt: skip

    assert alike(reasons) == {"train: component of several rows joined by patient": 11, "test: alone": 4, "copy of another row, counted once": 3}
