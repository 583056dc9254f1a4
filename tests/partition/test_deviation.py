"""How far a split is from the wish is counted, and complained of only where better was possible."""

import pytest

from overread.findings import Severity
from overread.partition import deviation, partition
from overread.partition.deviation import on_shares
from overread.recipe import Split

WISHED = {"train": 0.7, "val": 0.15, "test": 0.15}


def test_shares_are_counted_by_class_and_part_in_images_and_components(catalog):
    made = catalog(["sick"] * 4 + ["well"] * 6, component=["a", "a", "b", "c", *"defghi"], split=[*"ttvs", *"ttttvs"])
    made = made.replace(made.frame.assign(split=made.frame["split"].map({"t": "train", "v": "val", "s": "test"})))
    table = deviation(made.frame, made.frame["split"], made.targets, WISHED).set_index(["class", "part"])

    sick = table.loc[("sick", "train")]
    assert (sick["images"], sick["share_of_images"], sick["components"], sick["wished"]) == (2, 0.5, 1, 0.7)
    assert sick["share_of_components"] == pytest.approx(1 / 3) and sick["tolerance"] == 0.5
    assert table.loc[("well", "test"), "share_of_images"] == pytest.approx(1 / 6)
    assert len(table) == 6


def test_a_dealt_split_is_within_the_tolerance(clinic):
    found = next(f for f in partition(clinic(0, patients=300), Split(), 0)[1] if f.check == "wished-shares")

    assert found.passed is True and found.effect.value < 0.05


def test_a_split_that_could_be_better_is_complained_of_and_one_that_could_not_is_not(catalog):
    label = ["sick", "well"] * 30
    bad = catalog(label, component=[f"c{i}" for i in range(60)], split=(["train"] * 10 + ["val"] * 40 + ["test"] * 10))
    lump = catalog(label, component=["c"] * 40 + [f"c{i}" for i in range(20)], split=(["train"] * 54 + ["val"] * 3 + ["test"] * 3))

    (off,) = on_shares(bad, WISHED)
    assert off.severity is Severity.LOW and off.passed is False and "of its images" in off.sentence and off.effect.value > 0.5
    (near,) = on_shares(lump, WISHED)
    assert near.passed is True and near.sentence.endswith("as near as components that cannot be cut allow.")
