"""A later catalog is fitted in around an old split, and nobody is moved."""

import pandas as pd
import pytest

from overread.errors import UserError
from overread.findings import Severity
from overread.partition import grade, partition
from overread.recipe import Split


def frozen(catalog, tmp_path, seed=0, links=()):
    """A catalog's split as a table, and the plan that extends it."""
    parted = partition(catalog, Split(), seed, links)[0].frame
    path = tmp_path / f"old{len(list(tmp_path.iterdir()))}.csv"
    parted.drop(columns=["row", "file"]).to_csv(path, index=False)
    return parted, Split(extend=str(path))


def finding(findings, check):
    return next(one for one in findings if one.check == check)


def later(catalog, old, label, **columns):
    """The old catalog with rows behind; images, bytes and pixels of the new ones are their own unless given."""
    names = [f"n{i}" for i in range(len(label))]
    new = catalog(label, **{"image": names, "bytes_sha": names, "pixel_sha": [f"x{n}" for n in names], **columns}).frame
    frame = pd.concat([old.frame, new.assign(row=names)], ignore_index=True)
    return old.replace(frame)


@pytest.fixture
def old(catalog):
    return catalog(["sick", "well"] * 60, patient=[f"p{i // 2}" for i in range(120)])


def test_old_rows_stay_and_new_images_of_an_old_patient_follow_him(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    patients = ["p0", "p7", "p30", "p59"]
    parted, _ = partition(later(catalog, old, ["sick"] * 4, patient=patients), plan, 1)

    assert parted.frame["split"][:120].tolist() == was["split"].tolist()
    sides = was.drop_duplicates("patient").set_index("patient")["split"]
    assert parted.frame["split"][120:].tolist() == sides[patients].tolist()
    assert parted.frame["why"][120].endswith("follows the old split")
    assert parted.frame["why"][0] == "as in the old split"


def test_new_patients_are_dealt_so_that_the_old_shares_are_kept(catalog, old, tmp_path):
    parted = partition(old, Split(fractions=(0.5, 0.25, 0.25)), 0)[0].frame
    parted.to_csv(tmp_path / "old.csv", index=False)
    grown = later(catalog, old, ["sick", "well"] * 40, patient=[f"q{i // 2}" for i in range(80)])
    made, findings = partition(grown, Split(extend=str(tmp_path / "old.csv")), 1)

    assert made.frame["split"].value_counts(normalize=True)["train"] == pytest.approx(0.5, abs=0.01)
    assert set(made.frame["split"][120:]) == {"train", "val", "test"}
    assert finding(findings, "wished-shares").passed is True


def test_a_new_row_that_bridges_two_parts_is_excluded_reported_and_joins_nothing(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    trained, tested = (was.index[was["split"] == part][0] for part in ("train", "test"))
    grown = later(catalog, old, ["sick", "sick"], patient=[was["patient"][trained], ""], pixel_sha=[was["pixel_sha"][tested], "alone"])
    made, findings = partition(grown, plan, 0)

    assert made.frame["split"][120] == "" and made.frame["why"][120] == "excluded: bridge: it belongs with old images in train and test"
    assert made.frame["split"][121] != ""
    assert made.frame["split"][:120].tolist() == was["split"].tolist()
    told = finding(findings, "frozen-bridges")
    assert told.passed is False and told.effect.value == 0.5
    assert grade(made) != "image-only"


def test_a_chain_of_new_rows_between_two_parts_is_excluded_and_one_to_a_single_part_follows(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    train, val, test = (was[was["split"] == part].iloc[0] for part in ("train", "val", "test"))
    patients = [train["patient"], val["patient"], val["patient"], "", "", "", ""]
    links = [("n0", "n1"), ("n2", "n3"), (train["row"], "n4"), ("n4", "n5"), ("n5", "n6"), ("n6", test["row"])]
    made, _ = partition(later(catalog, old, ["sick"] * 7, patient=patients), plan, 0, links)

    assert made.frame["split"][120:].tolist() == ["", "", "val", "val", "train", "", "test"]
    assert made.frame["why"][120] == made.frame["why"][121] == "excluded: bridge: it belongs with old images in train and val"
    assert made.frame["why"][125] == "excluded: bridge: it belongs with old images in train and test"


def test_a_link_to_an_old_row_is_followed(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    grown = later(catalog, old, ["sick", "sick"])
    for target in (0, 55, 119):
        made, _ = partition(grown, plan, 0, links=[("n0", str(target)), ("n0", "n1")])
        assert set(made.frame["split"][120:]) == {was["split"][target]}


def test_images_of_an_old_patient_follow_though_his_old_images_are_gone_and_that_is_told(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    patient = was.loc[was["split"] == "test", "patient"].iloc[0]
    rest = old.only(old.frame["patient"] != patient)
    made, findings = partition(later(catalog, rest, ["sick"], patient=[patient]), plan, 0)

    assert made.frame["split"].iloc[-1] == "test"
    told = finding(findings, "frozen-vanished")
    assert told.effect.value == 2 / 120 and "2 of test" in told.sentence
    assert not [f for f in partition(old, plan, 0)[1] if f.check == "frozen-vanished"]


def test_a_renamed_file_is_known_by_its_bytes(old, tmp_path):
    was, plan = frozen(old.replace(old.frame.assign(patient="")), tmp_path)
    renamed = old.replace(old.frame.assign(image="new/" + old.frame["image"], patient=""))

    made, findings = partition(renamed, plan, 5)
    assert made.frame["split"].tolist() == was["split"].tolist()
    assert not [f for f in findings if f.check == "frozen-vanished"]


def test_a_name_that_stands_for_two_files_is_told_apart_by_bytes(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    twin = later(catalog, old, ["sick"] * 120, image=old.frame["image"].tolist())
    swapped = twin.replace(twin.frame.assign(file=["a"] * 120 + ["b"] * 120).iloc[::-1])

    made = partition(swapped, plan, 0)[0].frame.set_index("row")
    assert made.loc[was["row"], "split"].tolist() == was["split"].tolist()
    assert made.loc["n3", "why"] != "as in the old split"


def test_a_new_label_that_contradicts_an_old_one_puts_the_new_row_aside_and_not_the_old(catalog, old, tmp_path):
    was, plan = frozen(old, tmp_path)
    made, _ = partition(later(catalog, old, ["well", "sick"], pixel_sha=["p0", "p0"]), plan, 0)

    assert made.frame["split"][0] == was["split"][0]
    assert made.frame["why"][120].startswith("conflicting labels")
    assert (made.frame["copy_of"][:120] == was["copy_of"]).all()


def test_old_rows_that_turn_out_to_belong_together_stay_and_are_called_a_leak(old, tmp_path):
    was, plan = frozen(old, tmp_path)
    ends = tuple(str(was.index[was["split"] == part][0]) for part in ("train", "test"))
    made, findings = partition(old, plan, 0, links=[ends])

    assert made.frame["split"].tolist() == was["split"].tolist()
    told = finding(findings, "frozen-split")
    assert told.severity is Severity.LEAK and told.passed is False
    assert grade(made) == "image-only"
    assert finding(partition(old, plan, 0)[1], "frozen-split").passed is True
    ends = tuple(str(was.index[was["split"] == part][0]) for part in ("train", "val"))
    told = finding(partition(old, plan, 0, links=[ends])[1], "frozen-split")
    assert told.severity is Severity.HIGH and "thresholds are chosen on what was learnt" in told.sentence


def test_the_table_of_other_data_is_refused_and_one_of_which_a_patient_is_left_is_not(catalog, old, tmp_path):
    _, plan = frozen(old, tmp_path)
    names = [f"n{i}" for i in range(40)]
    strange = {"image": names, "bytes_sha": names, "pixel_sha": [f"x{name}" for name in names]}

    with pytest.raises(UserError, match="no image here is in the old split"):
        partition(catalog(["sick", "well"] * 20, **strange), plan, 0)
    parted, _ = partition(catalog(["sick", "well"] * 20, patient=["p0"] + [f"q{i}" for i in range(39)], **strange), plan, 0)
    assert parted.frame["why"][0].endswith("follows the old split")


def test_a_table_that_is_no_old_split_is_refused(old, tmp_path):
    (tmp_path / "a.csv").write_text("image,label\nx,y\n")
    (tmp_path / "b.csv").write_text("image,split\nx,train\ny,test\n")
    for name, words in (("a", "no column 'split'"), ("b", "no row in val"), ("c", "no such file")):
        with pytest.raises(UserError, match=words):
            partition(old, Split(extend=str(tmp_path / f"{name}.csv")), 0)
