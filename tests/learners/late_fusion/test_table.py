import json

import numpy as np
import pytest

from overread.errors import UserError
from overread.learners.late_fusion.table import Category, Number, Table
from overread.progress import shown


@pytest.fixture
def train(beside):
    return beside().part("train")


def test_numbers_are_standardised_and_say_where_they_are_missing(train):
    known = train.frame["age"] != ""
    encoded = Table.of(train, ("age",), ()).encode(train).toarray()

    assert known.sum() < len(train)
    np.testing.assert_allclose(encoded[known, 0].mean(), 0, atol=1e-9)
    np.testing.assert_allclose(encoded[known, 0].std(), 1, atol=1e-9)
    assert (encoded[~known] == [0, 1]).all() and (encoded[known, 1] == 0).all()


def test_a_number_beyond_train_counts_as_its_nearest_and_a_word_among_numbers_as_missing(train):
    table = Table.of(train, ("age",), ())
    few = train.only(np.arange(len(train)) < 3)
    strange = few.replace(few.frame.assign(age=["9999", "inf", "old"]))

    assert table.encode(strange).toarray().tolist() == [
        [pytest.approx((table.plain[0].high - table.plain[0].mean) / table.plain[0].spread), 0],
        [0, 1],
        [0, 1],
    ]


def test_a_column_of_numbers_with_a_word_in_it_is_said_to_be_read_as_words(train, capsys):
    age = [str(40 + 10 * (place % 4)) for place in range(len(train))]
    with shown():
        table = Table.of(train.replace(train.frame.assign(age=["90+", *age[1:]])), ("age", "ward"), ())

    assert isinstance(table.plain[0], Category)
    told = capsys.readouterr().err
    assert "'age' is read as words, not as numbers: '90+' stands in it" in told
    assert "'ward'" not in told


def test_a_level_that_train_did_not_share_is_unknown_and_so_is_a_blank(train):
    table = Table.of(train, ("ward",), ())
    few = train.only(np.arange(len(train)) < 3)

    assert table.plain == (Category("ward", ("a", "b", "c")),)
    assert table.encode(few.replace(few.frame.assign(ward=["b", "new", ""]))).toarray().tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]]


def test_no_patients_name_is_kept(train):
    kept = json.dumps(Table.of(train, ("age", "ward"), ("report",)).to_dict())

    assert '"painful"' in kept
    assert not any(report.split()[0].casefold() in kept.casefold() for report in train.frame["report"])


def test_what_json_keeps_is_the_same_table(train):
    table = Table.of(train, ("age", "ward", "noise"), ("report",))

    again = Table.from_dict(json.loads(json.dumps(table.to_dict())))

    assert table.width == again.width == again.encode(train).shape[1]
    assert (table.encode(train) != again.encode(train)).nnz == 0
    assert isinstance(again.plain[2], Number)


@pytest.mark.parametrize(
    ("columns", "text", "said"),
    [
        (("agee",), (), "there is no column 'agee'"),
        (("label",), (), "no model reads the column 'label'"),
        (("patient",), (), "no model reads the column 'patient'"),
        (("fact:width",), (), "no model reads the column 'fact:width'"),
        (("empty",), (), "is blank in every training row"),
        (("report",), (), "nothing that 'report' says is said of 5 patients"),
        ((), ("age",), "no word of 'age' is written of 5 patients"),
    ],
)
def test_a_column_that_cannot_be_read_is_a_users_error(train, columns, text, said):
    data = train.replace(train.frame.assign(empty=""))

    with pytest.raises(UserError, match=said):
        Table.of(data, columns, text)
