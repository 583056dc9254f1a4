import pandas as pd
import pytest

from overread.datasets.studies import told_apart


@pytest.mark.parametrize(
    ("patients", "studies", "apart"),
    [
        ("aabbcc", "121212", ["a/1", "a/2", "b/1", "b/2", "c/1", "c/2"]),
        ("abc dd", "111112", ["a/1", "b/1", "c/1", "", "d/1", "d/2"]),  # whose the fourth is nobody knows
        ("abcdee", "121134", ["a/1", "b/2", "c/1", "d/1", "e/3", "e/4"]),  # three of five patients would be one
    ],
)
def test_studies_that_would_join_most_patients_are_those_of_each(patients, studies, apart):
    frame = pd.DataFrame({"patient": [name.strip() for name in patients], "study": list(studies)})
    found, [told] = told_apart(frame)

    assert found["study"].tolist() == apart
    assert "are taken as numbered within the patient" in told


@pytest.mark.parametrize(
    ("patients", "studies"),
    [
        ("aabbcd", "123456"),
        ("aAbBcC", "112233"),  # every examination filed under two patients: they belong together
        ("abcdef", "112345"),
        ("aaaa", "1122"),
        ("    ", "1122"),
        ("abcd", "    "),
    ],
)
def test_a_study_that_joins_few_patients_is_a_key(patients, studies):
    frame = pd.DataFrame({"patient": [name.strip() for name in patients], "study": [name.strip() for name in studies]})
    found, told = told_apart(frame)

    assert found["study"].tolist() == frame["study"].tolist() and told == ()


def test_without_both_columns_there_is_nothing_to_tell():
    assert told_apart(pd.DataFrame({"study": ["1", "1"]}))[1] == ()
