import pytest

from overread.datasets.source import parse
from overread.errors import UserError


def test_a_source_has_a_reader_a_path_and_options():
    source = parse("table:some where/m.csv?label=dx&positive=not%20normal")
    assert (source.reader, str(source.path)) == ("table", "some where/m.csv")
    assert source.options == {"label": "dx", "positive": "not normal"}


def test_marks_in_real_names_are_not_options(tmp_path):
    for name in ("what?.csv", "a=b?c=d.csv", "this & that.csv", "50%.csv", "100%25.csv"):
        (tmp_path / name).write_text("image,label")
        bare, optioned = parse(f"table:{tmp_path / name}"), parse(f"table:{tmp_path / name}?label=x")
        assert (bare.path.name, bare.options) == (name, {})
        assert (optioned.path.name, optioned.options) == (name, {"label": "x"})


def test_a_path_that_is_only_there_decoded_is_decoded(tmp_path):
    (tmp_path / "a b.csv").write_text("image,label")
    assert parse(f"table:{tmp_path}/a%20b.csv?label=x").path.name == "a b.csv"


def test_options_may_be_longer_than_any_file_name(tmp_path):
    merge = "new:" + "|".join(f"class {number}" for number in range(99))
    assert parse(f"folder:{tmp_path}?merge={merge}").options == {"merge": merge}


def test_a_reader_with_a_place_of_its_own_needs_no_path(tmp_path):
    assert (parse("phantom:").path, parse("phantom:").options) == (None, {})
    assert (parse("phantom:?n=20&seed=1").path, parse("phantom:?n=20&seed=1").options) == (None, {"n": "20", "seed": "1"})
    assert parse(f"phantom:{tmp_path}?n=20").path == tmp_path


def test_a_drive_letter_belongs_to_the_path():
    assert str(parse(r"folder:C:\films\chest?positive=sick").path) == r"C:\films\chest"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("films", "folder:films"),
        ("m.csv", "table:m.csv"),
        ("x.npz", "medmnist:x.npz"),
        (r"C:\films", r"folder:C:\\films"),
        ("tabel:m.csv", "Did you mean 'table'"),
        ("table:", "no path"),
        ("table:?label=dx", "no path"),
        ("table:m.csv?label", "key=value"),
        ("table:m.csv?label=a&label=b", "twice"),
    ],
)
def test_what_cannot_be_taken_apart_says_how_to_write_it(text, words):
    with pytest.raises(UserError, match=words):
        parse(text)
