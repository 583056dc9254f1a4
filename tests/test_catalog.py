from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from overread.catalog import Catalog, Target, join
from overread.errors import UserError


def infer(*labels, **given):
    return Target.infer(pd.Series(labels, dtype="str"), "here", **given)


@pytest.mark.parametrize(
    ("negative", "positive"),
    [
        ("normal", "pneumonia"),
        ("not fractured", "fractured"),
        ("Not_fractured", "Fractured"),
        ("healthy", "glaucoma"),
        ("no tumour", "tumour"),
        ("notumor", "glioma"),
        ("0", "1"),
        ("negative", "positive"),
    ],
)
def test_the_positive_class_is_found_among_known_words(negative, positive):
    assert infer(positive, negative, positive) == Target("binary", (negative, positive), positive)


def test_a_declared_positive_class_overrules_words():
    assert infer("normal", "ill", positive="normal").classes == ("ill", "normal")


def test_a_positive_class_that_cannot_be_told_is_an_error_and_never_the_alphabet():
    with pytest.raises(UserError, match=r"\?positive=benign or \?positive=malign"):
        infer("benign", "malign")


def test_one_class_is_an_error():
    with pytest.raises(UserError, match="only the class 'ill'"):
        infer("ill", "ill", None)


def test_measurements_are_not_taken_for_classes():
    with pytest.raises(UserError, match="measurement"):
        infer(*[str(i / 7) for i in range(90)])
    with pytest.raises(UserError, match="measurement"):
        infer(*[str(i / 7) for i in range(40)])
    assert len(infer(*[f"class {i % 12}" for i in range(40)]).classes) == 12


def test_classes_that_differ_in_capitals_alone_are_refused_with_the_merge():
    with pytest.raises(UserError, match=r"\?merge=ill:Ill\|ill"):
        infer("ill", "Ill", "normal")
    three = Target("multiclass", ("ill", "normal", "sick"))
    with pytest.raises(UserError, match="together the sources have the classes"):
        join([Catalog(catalog("a").frame, {"label": three}), Catalog(catalog("b").frame, {"label": Target("multiclass", ("Ill", "normal", "sick"))})])


def test_numbered_classes_stand_in_the_order_of_their_numbers():
    assert infer("10", "9", "2").classes == ("2", "9", "10")
    assert infer("2", "1", "0", kind="ordinal") == Target("ordinal", ("0", "1", "2"))


def test_codes_follow_the_classes_and_missing_is_minus_one():
    target = infer("normal", "ill")
    codes = target.encode(pd.Series(["ill", None, "normal"], dtype="str"))
    assert codes.tolist() == [1, -1, 0]
    assert target.decode(np.array([1, 0])).tolist() == ["ill", "normal"]


def catalog(source="a", **columns):
    frame = pd.DataFrame({"row": ["0", "1"], "image": ["x.png", "y.png"], "label": ["ill", "normal"], "source": source, **columns})
    return Catalog(frame, {"label": Target("binary", ("normal", "ill"), "ill")}, ["age"] if "age" in columns else [], f"table:{source}.csv")


def test_a_catalog_reads_back_equal_with_the_meaning_of_its_columns(tmp_path):
    before = replace(catalog(age=[3.5, None], patient=["p", None]), faults=("a table is missing.", "2 files are no films."))
    before.save(tmp_path / "c.parquet")
    after = Catalog.load(tmp_path / "c.parquet")

    pd.testing.assert_frame_equal(after.frame, before.frame)
    assert (after.targets, after.covariates, after.source) == (before.targets, before.covariates, before.source)
    assert after.faults == before.faults == after.replace(after.frame).asking("label").only([True, False]).faults


def test_faults_are_those_of_their_source():
    both = join([replace(catalog("a"), faults=("a table is missing.",)), catalog("b")])
    assert both.faults == ("a: a table is missing.",)


def test_a_parquet_without_meaning_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "plain.parquet")
    with pytest.raises(UserError, match="metadata"):
        Catalog.load(tmp_path / "plain.parquet")


def test_blank_keys_are_blank_text():
    assert catalog(patient=["p", None]).frame["patient"].tolist() == ["p", ""]


def test_row_names_are_distinct():
    with pytest.raises(ValueError, match="distinct"):
        Catalog(pd.DataFrame({"row": [1, 1], "image": ["a", "b"]}), {})


def test_one_id_in_two_sources_is_two_patients_and_a_blank_stays_blank():
    both = join([catalog("a", patient=["p", ""]), catalog("b", patient=["p", ""])])
    assert both.frame["patient"].tolist() == ["a/p", "", "b/p", ""]
    assert both.frame["row"].tolist() == ["a/0", "a/1", "b/0", "b/1"]


def test_a_column_of_numbers_in_one_source_and_words_in_another_is_text_and_can_be_saved(tmp_path):
    both = join([catalog("a", weight=[1, 2]), catalog("b", weight=["3 kg", None])])
    both.save(tmp_path / "c.parquet")
    assert Catalog.load(tmp_path / "c.parquet").frame["weight"].tolist()[:3] == ["1", "2", "3 kg"]
    assert both.frame["weight"].isna().tolist() == [False, False, False, True]
    assert join([catalog("a", weight=[1, 2]), catalog("b", weight=[3, 4])]).frame["weight"].dtype == int


def test_joined_sources_need_distinct_names_and_the_same_question():
    with pytest.raises(UserError, match="both named 'a'"):
        join([catalog("a"), catalog("a")])
    other = catalog("b")
    with pytest.raises(UserError, match="different targets"):
        join([catalog("a"), Catalog(other.frame.rename(columns={"label": "diagnosis"}), {"diagnosis": other.targets["label"]})])


def test_repeated_pixels_do_not_count_in_a_part():
    frame = catalog().frame.assign(split="train", copy_of=["", "0"])
    assert len(catalog().replace(frame).part("train")) == 1


def test_a_covariate_that_one_source_declares_is_unknown_in_the_others():
    both = join([catalog("a", age=[3, 4]), catalog("b")])
    assert both.covariates == ["age"]
    assert both.frame["age"].isna().tolist() == [False, False, True, True]
