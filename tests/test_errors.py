from overread.errors import UserError, nearest


def test_an_error_says_what_where_and_how_on_one_line():
    assert str(UserError("3 cats", "cats.csv, row 2", "feed them")) == "3 cats (cats.csv, row 2). Feed them."


def test_the_near_name_is_offered_and_a_far_one_is_not():
    assert nearest("folds_", ["folds", "site"]).startswith("did you mean 'folds'?")
    assert nearest("zzz", ["folds", "site"]) == "use one of: folds, site"
