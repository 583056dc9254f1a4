import pandas as pd
import pytest

from overread.datasets.base import merged, read, splits, text
from overread.errors import UserError
from overread.registry import DATASETS


def test_every_reader_is_published_with_its_options_and_its_words():
    assert {"folder", "table", "medmnist", "phantom"} <= set(DATASETS.names())
    for name in DATASETS.names():
        published = DATASETS.get(name)
        assert {"positive", "merge", "name", "kind", "target"} <= set(published.Options.model_fields)
        assert published.__doc__ and DATASETS.describe()[name]


def test_text_is_trimmed_whole_and_unknown_where_nobody_knows():
    assert text(pd.Series([1.0, 0.0, 2.5])).tolist() == ["1", "0", "2.5"]
    words = text(pd.Series([" a ", "1.0", "007", "", "NaN", "n/a", "none", None]))
    assert words[:3].tolist() == ["a", "1", "007"]
    assert words.isna().tolist() == [False, False, False, True, True, True, False, True]


def test_split_names_are_read_in_any_case_and_others_refused():
    assert splits(pd.Series(["Training", "VALID", "test", "", None]), "x").tolist() == ["train", "val", "test", "", ""]
    with pytest.raises(UserError, match="holdout"):
        splits(pd.Series(["train", "holdout"]), "x")


def test_classes_are_merged_and_renamed_and_unknown_labels_stay_unknown():
    labels = pd.Series(["glioma", "meningioma", "none", None])
    assert merged(labels, "tumour:glioma|meningioma;sound:none", "x").tolist()[:3] == ["tumour", "tumour", "sound"]
    assert merged(labels, "tumour:glioma|meningioma", "x").isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("merge", "words"), [("tumour:gliom", "Did you mean 'glioma'"), ("a:glioma;b:glioma", "two places"), ("glioma", "new:old"), ("a:", "new:old")]
)
def test_a_merge_that_cannot_be_meant_is_refused(merge, words):
    with pytest.raises(UserError, match=words):
        merged(pd.Series(["glioma", "none"]), merge, "x")


def test_an_unknown_option_is_refused_and_the_near_one_named(place):
    folder = place("x/normal/a.png", "x/sick/b.png")
    with pytest.raises(UserError, match="Did you mean 'positive'"):
        read([f"folder:{folder / 'x'}?positiv=sick"])
    with pytest.raises(UserError, match="kind"):
        read([f"folder:{folder / 'x'}?kind=binary"])


def test_two_sources_are_joined_under_their_names_with_one_set_of_classes(place):
    folder = place("x/normal/a.png", "x/sick/b.png", "y/healthy/a.png", "y/ill/b.png")
    both = read([f"folder:{folder / 'x'}?name=here", f"folder:{folder / 'y'}?merge=normal:healthy;sick:ill"])
    assert both.frame["source"].tolist() == ["here", "here", "y", "y"]
    assert both.frame["row"].tolist() == ["here/0", "here/1", "y/0", "y/1"]
    assert both.targets["label"].classes == ("normal", "sick")
    with pytest.raises(UserError, match="healthy"):
        read([f"folder:{folder / 'x'}", f"folder:{folder / 'y'}"])


def test_no_source_at_all_is_an_error():
    with pytest.raises(UserError, match="no data"):
        read([])


def test_a_target_may_be_named_but_not_like_a_column_of_the_house(place):
    folder = place("x/normal/a.png", "x/sick/b.png")
    assert list(read([f"folder:{folder / 'x'}?target=disease"]).targets) == ["disease"]
    with pytest.raises(UserError, match="split"):
        read([f"folder:{folder / 'x'}?target=split"])


@pytest.mark.parametrize("name", ["../../elsewhere", "a/b", "a\\b", "x" * 101, "a%0Ab"])
def test_a_source_is_not_named_like_a_path(place, name):
    folder = place("x/normal/a.png", "x/sick/b.png")
    with pytest.raises(UserError, match="without a slash"):
        read([f"folder:{folder / 'x'}?name={name}"])
    assert read([f"folder:{folder / 'x'}?name=Klinik Süd, 2. Haus"]).frame["source"][0] == "Klinik Süd, 2. Haus"
