"""A published split that leaks is repaired, and what that cost is told."""

import pytest

from overread.errors import UserError
from overread.findings import Severity
from overread.partition import grade, partition, repair_cost
from overread.recipe import Split

DROP, MOVE = (Split(published=True, repair=repair) for repair in ("drop-from-train", "move"))


def finding(findings, check):
    return next(one for one in findings if one.check == check)


@pytest.fixture
def leaky(catalog):
    """80 training images, 20 of validation, 20 of test; of the latter 6 share a patient with train and 2 with val, and one val patient trains."""
    patient = [f"p{i}" for i in range(120)]
    patient[100:106] = patient[:6]
    patient[106:108] = patient[80:82]
    patient[90] = patient[10]
    return catalog(["sick", "well"] * 60, patient=patient, split=["train"] * 80 + ["val"] * 20 + ["test"] * 20)


def test_dropping_leaves_test_as_published_and_takes_out_what_it_shares(leaky):
    parted, findings = partition(leaky, DROP, 0)
    frame = parted.frame

    assert frame["split"][100:].eq("test").all()
    assert frame["split"][:6].eq("").all() and frame["why"][0] == "excluded: its component is in the published test (drop-from-train)"
    assert frame["split"][80:82].eq("").all()
    assert frame["split"][10] == "" and "published val" in frame["why"][10] and frame["split"][90] == "val"
    told = finding(findings, "repaired-split")
    assert told.effect.value == 9 / 100 and "9 of 100 images (9.0%)" in told.sentence and "'sick' (10.0%)" in told.sentence
    assert finding(findings, "published-split").effect.value == 8 / 20
    assert not [f for f in findings if f.severity is Severity.LEAK]
    assert grade(parted) == "patient-safe"


def test_moving_loses_no_image_keeps_the_sizes_and_cuts_no_component(leaky):
    parted, findings = partition(leaky, MOVE, 0)
    frame = parted.frame

    assert (frame["split"] != "").all()
    assert frame.groupby("patient")["split"].nunique().max() == 1
    counts = frame["split"].value_counts()
    assert counts["train"] == pytest.approx(80, abs=3) and counts["test"] == pytest.approx(20, abs=3)
    whole = frame[~frame["patient"].duplicated(keep=False)]
    assert (whole["split"] == whole["published"]).all() and whole["why"].eq("published split").all()
    moved = int((frame["split"] != frame["published"]).sum())
    assert moved == 9 and finding(findings, "repaired-split").effect.value == moved / 120
    torn = frame[frame["patient"] == "p0"]
    assert torn["why"].eq(f"its component stood in several parts; moved as a whole to {torn['split'].iloc[0]}").all()


def test_the_cost_of_a_repair_is_counted_by_class_and_part(leaky):
    cost = repair_cost(partition(leaky, DROP, 0)[0]).set_index(["class", "part"])

    assert cost.loc[("sick", "train")].to_dict() == {"target": "label", "images": 40, "out": 4, "moved": 0}
    assert cost.loc[("well", "val")].to_dict() == {"target": "label", "images": 10, "out": 1, "moved": 0}
    assert cost["out"].sum() == 9
    moved = repair_cost(partition(leaky, MOVE, 0)[0])
    assert moved["out"].sum() == 0 and moved["moved"].sum() == 9 and moved["images"].sum() == 120


def test_a_copy_on_both_sides_is_in_one_part_after_moving_and_counts_once(catalog):
    pixels = [f"x{i}" for i in range(60)]
    pixels[50] = pixels[0]
    made = catalog(["sick", "well"] * 30, pixel_sha=pixels, split=["train"] * 30 + ["val"] * 15 + ["test"] * 15)
    frame = partition(made, MOVE, 0)[0].frame

    assert frame["split"][0] == frame["split"][50] != ""
    assert frame["copy_of"][50] == "0"
    dropped = partition(made, DROP, 0)[0].frame
    assert dropped["split"][0] == "" and dropped["split"][50] == "test" and dropped["copy_of"][50] == ""


def test_a_split_without_val_gets_one_from_what_the_repair_leaves_and_that_is_no_cost(catalog):
    made = catalog(["sick", "well"] * 60, patient=[f"p{i % 110}" for i in range(120)], split=["train"] * 90 + ["test"] * 30)
    for plan, cost in ((DROP, 10), (MOVE, 10)):
        parted, findings = partition(made, plan, 0)
        assert set(parted.frame["split"]) >= {"train", "val", "test"}
        assert finding(findings, "repaired-split").effect.value == cost / (90 if plan is DROP else 120)
        assert parted.frame[parted.frame["split"] != ""].groupby("patient")["split"].nunique().max() == 1


def test_a_clean_split_costs_nothing_to_repair(catalog):
    made = catalog(["sick", "well"] * 30, split=["train"] * 30 + ["val"] * 15 + ["test"] * 15)
    for plan in (DROP, MOVE):
        parted, findings = partition(made, plan, 0)
        assert parted.frame["split"].tolist() == parted.frame["published"].tolist()
        assert finding(findings, "published-split").passed is True
        assert finding(findings, "repaired-split").passed is True


def test_a_repair_that_leaves_nothing_to_learn_from_is_refused(catalog):
    made = catalog(["sick", "well"] * 20, patient=[f"p{i % 20}" for i in range(40)], split=["train"] * 20 + ["test"] * 20)

    with pytest.raises(UserError, match="class 'well' has 0 "):
        partition(made, DROP, 0)


def test_val_that_is_in_train_is_found_though_test_is_clean(catalog):
    patient = [f"p{i}" for i in range(120)]
    patient[80:85] = patient[:5]
    made = catalog(["sick", "well"] * 60, patient=patient, split=["train"] * 80 + ["val"] * 20 + ["test"] * 20)
    told = finding(partition(made, Split(published=True), 0)[1], "published-val")

    assert told.severity is Severity.HIGH and told.passed is False and told.effect.value == 5 / 20
    for plan in (DROP, MOVE, Split()):
        assert "published-val" not in {found.check for found in partition(made, plan, 0)[1]}


def test_near_copies_across_the_published_split_are_its_leak(catalog):
    made = catalog(["sick", "well"] * 30, split=["train"] * 30 + ["val"] * 15 + ["test"] * 15)
    plan = Split(published=True)
    leak = finding(partition(made, plan, 0, links=[("0", "50"), ("46", "51")])[1], "published-split")

    assert leak.severity is Severity.LEAK and leak.effect.value == 1 / 15
    assert finding(partition(made, plan, 0)[1], "published-split").passed is True
