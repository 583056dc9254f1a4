"""Single splits: nothing leaks in a fresh one, and what leaks in a published one is counted."""

import pandas as pd
import pytest

from overread.errors import UserError
from overread.findings import Severity
from overread.partition import grade, partition
from overread.partition.splits import check_disjoint
from overread.recipe import Split

PUBLISHED = Split(published=True)


def finding(findings, check):
    return next(one for one in findings if one.check == check)


@pytest.mark.parametrize("seed", range(12))
def test_no_key_and_no_pixels_are_on_two_sides_of_a_fresh_split(clinic, seed):
    parted, _ = partition(clinic(seed), Split(), seed)
    placed = parted.frame[parted.frame["split"] != ""]

    for key in ("patient", "study", "group", "bytes_sha", "pixel_sha", "component"):
        known = placed[placed[key] != ""]
        assert known.groupby(key)["split"].nunique().max() == 1
    counted = parted.part("train", "val", "test").frame
    assert not counted["pixel_sha"].duplicated().any()


@pytest.mark.parametrize("seed", range(6))
def test_every_row_says_why_and_only_labelled_rows_count(clinic, seed):
    parted, _ = partition(clinic(seed), Split(), 0)
    frame = parted.frame

    assert (frame["why"] != "").all()
    assert frame.loc[frame["why"] == "no label", "split"].eq("").all()
    assert frame.loc[frame["why"].str.startswith("conflicting"), "split"].eq("").all()
    assert parted.part("train", "val", "test").frame["label"].notna().all()
    copies = frame[frame["copy_of"] != ""]
    assert (copies["split"].to_numpy() == frame.set_index("row").loc[copies["copy_of"], "split"].to_numpy()).all()
    words = r"(train|val|test): (alone|component of \d+ rows joined by .+)"
    assert parted.part("train", "val", "test").frame["why"].str.fullmatch(words).all()


@pytest.mark.parametrize("seed", range(6))
def test_shares_of_rows_and_classes_are_near_the_wish(clinic, seed):
    parted, _ = partition(clinic(seed, patients=300), Split(), seed)
    counted = parted.part("train", "val", "test").frame
    shares = counted["split"].value_counts(normalize=True)
    sick = counted["label"].eq("sick").groupby(counted["split"]).mean()

    assert shares["train"] == pytest.approx(0.70, abs=0.02)
    assert shares["test"] == pytest.approx(0.15, abs=0.02)
    assert (sick - counted["label"].eq("sick").mean()).abs().max() < 0.06


def test_a_split_is_the_same_again_whatever_the_order_of_rows(clinic):
    made = clinic(0)
    once, _ = partition(made, Split(), 7)
    shuffled, _ = partition(made.replace(made.frame.sample(frac=1, random_state=0)), Split(), 7)
    other, _ = partition(made, Split(), 8)
    by_pixels = [parted.part("train", "val", "test").frame.set_index("pixel_sha")["split"].sort_index() for parted in (once, shuffled, other)]

    pd.testing.assert_series_equal(by_pixels[0], by_pixels[1])
    assert (by_pixels[0] != by_pixels[2]).any()


def test_links_keep_strangers_together_and_their_absence_does_not(catalog):
    made = catalog(["sick", "well"] * 30)
    links = [(str(i), str(i + 30)) for i in range(30)]
    linked = partition(made, Split(), 0, links)[0].frame["split"].to_numpy()
    free = partition(made, Split(), 0)[0].frame["split"].to_numpy()

    assert (linked[:30] == linked[30:]).all()
    assert (free[:30] != free[30:]).any()


def test_the_readers_split_moves_aside_and_its_leak_is_told(catalog):
    made = catalog(["sick", "well"] * 20, patient=[f"p{i // 4}" for i in range(40)], split=["train", "test"] * 20)
    parted, findings = partition(made, Split(), 0)

    assert parted.frame["published"].tolist() == ["train", "test"] * 20
    told = finding(findings, "published-split")
    assert told.severity is Severity.LOW and told.passed is False and told.effect.value == 1.0
    assert "does not use" in told.sentence


def test_a_published_leak_is_counted_exactly(catalog):
    patient = [f"p{i}" for i in range(60)]
    patient[40], patient[41] = patient[0], patient[1]
    split = ["train"] * 20 + ["val"] * 20 + ["test"] * 20
    pixels = [f"x{i}" for i in range(60)]
    pixels[42] = pixels[20]
    pixels[59] = pixels[58]
    label = ["sick", "well"] * 30
    label[59] = label[58]
    parted, findings = partition(catalog(label, patient=patient, split=split, pixel_sha=pixels), PUBLISHED, 0)

    leak = finding(findings, "published-split")
    assert leak.severity is Severity.LEAK and leak.passed is False
    assert (leak.effect.value, leak.effect.n) == (3 / 19, 19)
    assert len(parted.part("test")) == 19 and len(parted.part("val")) == 20
    assert parted.frame["why"][42] == "published split, though its component is in training too"
    assert parted.frame["why"][43] == "published split"
    assert parted.frame["split"].tolist() == split
    assert grade(parted) == "image-only"


def test_a_clean_published_split_is_kept_and_clear(catalog):
    split = ["train"] * 20 + ["val"] * 10 + ["test"] * 10
    parted, findings = partition(catalog(["sick", "well"] * 20, patient=[f"p{i // 2}" for i in range(40)], split=split), PUBLISHED, 0)

    assert finding(findings, "published-split").passed is True
    assert parted.frame["split"].tolist() == split
    assert grade(parted) == "patient-safe"


def test_a_missing_val_is_cut_from_train_by_component_and_test_is_untouched(catalog):
    split = ["train"] * 170 + ["test"] * 30
    made = catalog(["sick", "well"] * 100, patient=[f"p{i // 2}" for i in range(200)], split=split)
    parted = partition(made, PUBLISHED, 0)[0]

    assert len(parted.part("test")) == 30 and parted.frame["split"][170:].eq("test").all()
    assert len(parted.part("val")) == pytest.approx(30, abs=2)
    assert check_disjoint(parted) is parted
    assert parted.part("val").frame["why"].eq("published split, val cut from its train").all()


def test_a_published_split_without_test_or_of_odd_names_is_refused(catalog):
    with pytest.raises(UserError, match="no test"):
        partition(catalog(["sick", "well"] * 4, split=["train", "val"] * 4), PUBLISHED, 0)
    with pytest.raises(UserError, match="no train"):
        partition(catalog(["sick", "well"] * 4), PUBLISHED, 0)
    with pytest.raises(UserError, match="'holdout'"):
        partition(catalog(["sick", "well"] * 4, split=["train"] * 4 + ["holdout"] * 4), PUBLISHED, 0)


def test_a_class_that_the_published_test_lacks_is_reported(catalog):
    split = ["train"] * 10 + ["val"] * 10 + ["test"] * 5
    findings = partition(catalog(["sick", "well"] * 10 + ["well"] * 5, split=split), PUBLISHED, 0)[1]

    assert "no 'sick' in test" in finding(findings, "published-classes").sentence


def test_a_class_with_fewer_patients_than_parts_is_refused_before_anything_is_split(catalog):
    label = ["a", "b"] * 20 + ["rare"] * 6
    made = catalog(label, classes=("a", "b", "rare"), patient=[f"p{i}" for i in range(40)] + ["q", "r"] * 3, source="table:lesions.csv")

    with pytest.raises(UserError, match="class 'rare' has 2 patients; three parts need at least 3"):
        partition(made, Split(), 0)


def test_a_component_in_two_parts_is_called_a_bug(catalog):
    made = catalog(["sick", "well"], component=["c0", "c0"], split=["train", "test"])

    with pytest.raises(RuntimeError, match="c0"):
        check_disjoint(made)
