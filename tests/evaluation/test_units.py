"""Images become studies and patients: who belongs together, what is true of them, and what a cascade's columns become."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from overread.catalog import Catalog, Target
from overread.evaluation.units import as_units, gather, pooled

ILL = Target("binary", ("well", "ill"), "ill")
PART = Target("multiclass", ("hand", "hip", "leg"))
GRADE = Target("ordinal", ("1", "2", "3"))
TARGETS = {"dx": ILL, "part": PART, "grade": GRADE}


@pytest.fixture
def catalog():
    """Study s1 of two patients, a study without a patient, and two images without a study."""
    frame = pd.DataFrame(
        {
            "row": list("abcdefgh"),
            "image": "",
            "patient": ["p1", "p2", "p1", "p1", "", "", "p2", ""],
            "study": ["s1", "s1", "s1", "s2", "s9", "s9", "", ""],
            "component": ["c1", "c2", "c1", "c1", "c3", "c3", "c2", "c4"],
            "split": ["test"] * 8,
            "dx": ["well", "ill", "ill", None, "well", None, None, "ill"],
            "part": ["hand", "hip", "leg", "leg", "hip", None, None, "leg"],
            "grade": ["2", "1", "3", None, "1", "2", None, "1"],
            "view": list("uvwxyzuv"),
        }
    )
    return Catalog(frame, TARGETS, ["view"])


def said(catalog: Catalog, **columns: object) -> pd.DataFrame:
    """Raw answers of probability one half, and what else is given."""
    rows = catalog.frame[["row", "split"]].assign(**{f"truth:{name}": catalog.frame[name] for name in TARGETS})
    return rows.assign(**{f"raw:{name}:{cls}": 0.0 for name, target in TARGETS.items() for cls in target.classes}, **columns)


def test_a_study_is_a_patients_own_a_patient_is_all_of_theirs_and_a_blank_key_is_alone(catalog):
    studies, patients = (pooled(gather(said(catalog), catalog.frame, unit), TARGETS, "mean", {}) for unit in ("study", "patient"))

    assert dict(zip(studies["row"], studies["images"], strict=True)) == {"a": 2, "b": 1, "d": 1, "e": 2, "g": 1, "h": 1}
    assert dict(zip(patients["row"], patients["images"], strict=True)) == {"a": 3, "b": 2, "e": 1, "f": 1, "h": 1}


def test_one_ill_image_makes_a_study_ill_the_highest_grade_counts_and_two_parts_leave_it_unknown(catalog):
    studies = pooled(gather(said(catalog), catalog.frame, "study"), TARGETS, "mean", {}).set_index("row").astype(object)

    assert studies["truth:dx"].where(studies["truth:dx"].notna(), "?").tolist() == ["ill", "ill", "?", "well", "?", "ill"]
    assert studies["truth:grade"].where(studies["truth:grade"].notna(), "?").tolist() == ["3", "1", "?", "2", "?", "1"]
    assert studies["truth:part"].where(studies["truth:part"].notna(), "?").tolist() == ["?", "hip", "leg", "hip", "?", "leg"]


def test_a_units_row_is_its_first_image_in_the_catalog_whatever_the_order_of_predictions(catalog):
    there, back = (pooled(gather(rows, catalog.frame, "study"), TARGETS, "mean", {}) for rows in (said(catalog), said(catalog).iloc[::-1]))

    pd.testing.assert_frame_equal(there, back.sort_values("row", ignore_index=True))


def test_folds_and_parts_are_never_pooled_together(catalog):
    twice = pd.concat([said(catalog, repeat=repeat, fold=0) for repeat in (0, 1)])
    units = pooled(gather(twice, catalog.frame, "study"), TARGETS, "mean", {})
    apart = pooled(gather(said(catalog).assign(split=["test", "test", "val"] + ["test"] * 5), catalog.frame, "study"), TARGETS, "mean", {})

    assert units.groupby("repeat")["images"].sum().tolist() == [8, 8]
    assert apart.set_index("row")["images"].reindex(["a", "c"]).tolist() == [1, 1]


def test_a_unit_in_two_components_is_an_error(catalog):
    with pytest.raises(ValueError, match="a study lies in two components"):
        gather(said(catalog), catalog.frame.assign(component=list("12345678")), "study")


def test_pooled_answers_are_logarithms_that_softmax_turns_into_the_pool(catalog):
    draw = np.random.default_rng(0)
    raw = draw.normal(size=(8, 2))
    rows = said(catalog).assign(**{"raw:dx:well": raw[:, 0], "raw:dx:ill": raw[:, 1]})
    studies = pooled(gather(rows, catalog.frame, "study"), TARGETS, "mean", {})
    p = softmax(raw, axis=1)[:, 1]

    told = softmax(studies[["raw:dx:well", "raw:dx:ill"]].to_numpy(), axis=1)[:, 1]
    assert told == pytest.approx([p[[0, 2]].mean(), p[1], p[3], p[[4, 5]].mean(), p[6], p[7]])


@pytest.mark.parametrize("how", ["mean", "max", "noisy-or", "learned"])
def test_an_image_alone_says_as_a_unit_what_it_said_however_sure_it_is(catalog, how):
    odds = np.array([-60.0, -45.0, -38.0, -36.0, -1.0, 2.0, 40.0, 60.0])
    rows = said(catalog).assign(**{"raw:dx:ill": odds})
    alone = pooled(gather(rows, catalog.frame.assign(patient="", study="", component=""), "study"), {"dx": ILL}, how, {"dx": 2.0})

    assert (alone["raw:dx:ill"] - alone["raw:dx:well"]).to_numpy() == pytest.approx(odds, rel=1e-9)


def test_under_noisy_or_a_further_question_of_several_classes_keeps_the_mean(catalog):
    asked = {"dx": ILL, "part": Target("multiclass", ("arm", "hand", "leg"))}
    draw = np.random.default_rng(0)
    rows = said(catalog).assign(
        **{"truth:part": "leg", **{f"raw:part:{cls}": draw.normal(size=len(said(catalog))) for cls in ("arm", "hand", "leg")}}
    )
    units = gather(rows, catalog.frame, "study")
    either, mean = pooled(units, asked, "noisy-or", {}), pooled(units, asked, "mean", {})

    assert either["raw:part:leg"].tolist() == mean["raw:part:leg"].tolist()
    assert (either["raw:dx:ill"] > mean["raw:dx:ill"])[either["images"] > 1].all()


def test_of_a_cascade_the_route_is_the_most_frequent_abstaining_is_catching_and_the_oracle_answers_where_it_knows(catalog):
    more = {"route": list("hlhllhhh"), "abstained:dx": [False, False, True, False, False, False, False, True]}
    oracle = {f"oracle:dx:{cls}": [0.0] * 5 + [np.nan] + [0.0] * 2 for cls in ILL.classes}
    studies = pooled(gather(said(catalog, **more, **oracle), catalog.frame, "study"), TARGETS, "max", {}).set_index("row")

    assert studies["route"].tolist() == ["h", "l", "l", "l", "h", "h"]
    assert studies["abstained:dx"].tolist() == [True, False, False, False, False, True]
    assert studies["oracle:dx:ill"].isna().tolist() == [False, False, False, True, False, False]


def test_a_catalog_of_units_has_their_truths_and_the_covariates_of_their_first_image(catalog):
    frame = catalog.frame.assign(copy_of=["", "", "", "", "", "", "g", ""], split=["test"] * 7 + [""])
    units = as_units(catalog.replace(frame), "study")

    assert units.frame["row"].tolist() == ["a", "b", "d", "e"]
    assert units.frame["view"].tolist() == ["u", "v", "x", "y"]
    assert units.frame["dx"].iloc[[0, 3]].tolist() == ["ill", "well"]


def test_no_row_is_no_unit(catalog):
    assert pooled(gather(said(catalog).iloc[:0], catalog.frame, "study"), TARGETS, "mean", {}).empty


def test_a_hundred_thousand_images_are_pooled_within_seconds():
    n = 100_000
    draw = np.random.default_rng(0)
    key = np.sort(draw.integers(0, 35_000, n)).astype(str)
    frame = pd.DataFrame({"row": np.arange(n).astype(str), "patient": "", "study": key, "component": key})
    rows = frame[["row"]].assign(split="test", **{"truth:dx": np.where(draw.random(n) < 0.4, "ill", "well")})
    rows = rows.assign(**{f"raw:dx:{cls}": draw.normal(size=n) for cls in ILL.classes})

    begun = time.perf_counter()
    units = pooled(gather(rows, frame, "study"), {"dx": ILL}, "learned", {"dx": 2.0})

    assert len(units) == len(np.unique(key))
    assert time.perf_counter() - begun < 5
