"""What is held out is tested, and nobody in it is learnt from."""

import pytest

from overread.errors import UserError
from overread.partition import partition
from overread.partition.hold_out import meets
from overread.recipe import Split

DATES = [f"20{20 + i // 20}-0{1 + i % 9}-15" for i in range(60)]


def finding(findings, check):
    return next(one for one in findings if one.check == check)


@pytest.fixture
def dated(catalog):
    return catalog(["sick", "well"] * 30, site=["a", "b", "c"] * 20, date=DATES, age=[float(i) for i in range(60)])


@pytest.mark.parametrize(
    ("conditions", "held"),
    [
        (("site=a",), lambda f: f["site"] == "a"),
        (("site=a", "site=c"), lambda f: f["site"] != "b"),
        (("date>=2022-01-01",), lambda f: f["date"] >= "2022"),
        (("date >= 2022",), lambda f: f["date"] >= "2022"),
        (("date>2020-12-31", "date<2022"), lambda f: f["date"].str.startswith("2021")),
        (("age<=19",), lambda f: f["age"] <= 19),
    ],
)
def test_test_is_what_was_asked_for_and_nothing_else(dated, conditions, held):
    parted, findings = partition(dated, Split(hold_out=conditions), 0)
    frame = parted.frame

    assert ((frame["split"] == "test") == held(frame)).all()
    assert set(frame.loc[~held(frame), "split"]) == {"train", "val"}
    assert finding(findings, "hold-out-bridges").passed is True
    assert frame.loc[frame["split"] == "test", "why"].str.contains("held out by ").all()


def test_days_of_dicom_headers_are_dates_though_they_look_like_numbers(catalog):
    whole = catalog(["sick", "well"] * 6, date=[20200101 + i for i in range(12)])

    assert meets(whole, ("date>=2020-01-07",)).tolist() == ["rest"] * 6 + ["held"] * 6
    assert meets(whole, ("date>=20200107",)).tolist() == ["rest"] * 6 + ["held"] * 6


def test_a_patient_on_both_sides_is_tested_with_what_is_held_out_and_not_learnt_from(catalog):
    made = catalog(["sick", "well"] * 30, site=["a"] * 20 + ["b"] * 40, patient=[f"p{i % 58}" for i in range(60)], pixel_sha=[*map(str, range(60))])
    parted, findings = partition(made, Split(hold_out=("site=a",)), 0)
    frame = parted.frame

    assert frame["split"][:20].eq("test").all()
    assert frame["split"][58:].eq("").all()
    assert frame["why"][58] == "excluded: bridge: its component is also held out by site=a"
    told = finding(findings, "hold-out-bridges")
    assert told.passed is False and told.effect.value == 2 / 60
    assert told.sentence.startswith("2 images are not held out but in one component with images that are")
    placed = frame[frame["split"] != ""]
    assert placed.groupby("patient")["split"].nunique().max() == 1


def test_the_same_pixels_at_both_sites_are_tested_and_not_learnt_from(catalog):
    pixels = [f"x{i}" for i in range(60)]
    pixels[59] = pixels[0] = "same"
    made = catalog(["sick", "well"] * 29 + ["sick"] * 2, site=["b"] * 40 + ["a"] * 20, pixel_sha=pixels)
    frame = partition(made, Split(hold_out=("site=a",)), 0)[0].frame

    assert frame["split"][59] == "test" and frame["split"][0] == "" and frame["why"][0].startswith("excluded: bridge")


def test_a_row_without_a_site_takes_no_part_and_that_is_told(catalog):
    made = catalog(["sick", "well"] * 15, site=["a", "b", "b"] * 9 + ["", "", "b"])
    parted, findings = partition(made, Split(hold_out=("site=a",)), 0)

    assert parted.frame["why"][27] == "excluded: no site, so it is not known whether it is held out"
    assert parted.frame["split"][27] == ""
    assert finding(findings, "hold-out-unknown").effect.value == 2 / 30


def test_a_class_that_is_not_among_the_held_out_is_reported(catalog):
    made = catalog(["sick", "well"] * 10 + ["well"] * 10, site=["a"] * 20 + ["b"] * 10)

    assert "no 'sick' in test" in finding(partition(made, Split(hold_out=("site=b",)), 0)[1], "hold-out-classes").sentence


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        (("sight=a",), "no column 'sight' to hold out by.*Did you mean 'site'"),
        (("label=sick",), "no column 'label' to hold out by"),
        (("site=A",), "no image has the site 'A'.*Use one of: a, b, c"),
        (("date>=soon",), "'soon' is neither a number nor a date"),
        (("site>=2020",), "60 rows are not a date in column 'site', e.g. row 0"),
        (("date>=2030",), "no image is held out"),
        (("date>=2000",), "all images are held out"),
    ],
)
def test_what_cannot_be_held_out_is_refused_in_words(dated, conditions, words):
    with pytest.raises(UserError, match=words):
        partition(dated, Split(hold_out=conditions), 0)
