import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from overread.catalog import Catalog, Target
from overread.learners.cascade.options import Options
from overread.learners.cascade.parts import look, shift
from overread.learners.network.task import Task

FOUR = ("ELBOW", "HAND", "HIP", "WRIST")


@pytest.fixture
def table():
    """40 patients of two images a part in train, 10 in val; every fourth patient is abnormal."""
    rows = [
        {"row": f"{part} {i}", "image": "x", "patient": f"{part} {i // 2}", "body_part": part, "abnormal": ["no", "yes"][i // 2 % 4 == 0]}
        for part in FOUR
        for i in range(100)
    ]
    frame = pd.DataFrame(rows)
    frame["split"] = np.where(frame.index % 100 < 80, "train", "val")
    return frame


def seen(frame, **options):
    catalog = Catalog(frame, {"abnormal": Target("binary", ("no", "yes"), "yes"), "body_part": Target("multiclass", FOUR)})
    told = Options.model_validate({"own": 20, **options})
    return {one.name: one for one in look(catalog, Task.of(catalog, "abnormal"), Task.of(catalog, "body_part"), told)}


def test_patients_are_counted_not_images_and_components_where_patients_are_unknown(table):
    unknown = table.assign(patient=table["patient"].where(table["body_part"] != "HAND", ""), component=table["row"])

    assert (seen(table)["HAND"].images, seen(table)["HAND"].patients) == (80, 40)
    assert (seen(unknown)["HAND"].patients, seen(unknown)["WRIST"].patients) == (80, 40)
    assert "40 patients in train, fewer than 41" in seen(table, own=41)["HAND"].why
    assert seen(table, own=40)["HAND"].why == ""


def test_a_part_is_small_below_the_number_that_is_told(table):
    assert seen(table, small=41)["HAND"].small and not seen(table, small=40)["HAND"].small and not seen(table)["HAND"].small


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda hand, frame: frame.mask(hand & (frame["split"] == "train"), frame.assign(abnormal="no")), "train has one class only, no"),
        (lambda hand, frame: frame.mask(hand & (frame["split"] == "val"), frame.assign(abnormal="no")), "val has one class only, no"),
        (lambda hand, frame: frame[~(hand & (frame["split"] == "val"))], "val has no labelled image of it"),
        (lambda hand, frame: frame[~hand], "0 patients in train"),
        (lambda hand, frame: frame.mask(hand & (frame["patient"] != "HAND 0") & (frame["split"] == "train"), frame.assign(abnormal="no")), "'yes'"),
    ],
    ids=["one class in train", "one class in val", "none in val", "none", "one component"],
)
def test_a_part_that_an_expert_cannot_learn_is_the_pooled_ones_and_the_others_are_not(table, change, said):
    frame = table.assign(component=table["patient"])

    found = seen(change(frame["body_part"] == "HAND", frame))

    assert said in found["HAND"].why and not found["HAND"].small
    assert not any(found[other].why for other in FOUR if other != "HAND")


def test_unlabelled_rows_and_copies_do_not_count(table):
    hidden = table.assign(abnormal=table["abnormal"].mask((table["body_part"] == "HAND") & (table.index % 100 >= 10)))

    assert seen(hidden)["HAND"].patients == 5
    assert seen(table.assign(copy_of=np.where(table["body_part"] == "HAND", "x", "")))["HAND"].patients == 0


def test_how_common_a_class_is_in_a_part_is_put_back_where_classes_were_weighed_alike():
    """Two parts, one mostly normal, one mostly abnormal: experts with balanced weights rank within a part, the shift across."""
    draw = np.random.default_rng(0)
    part = np.repeat([0, 1], 2000)
    truth = (draw.random(4000) < np.where(part == 0, 0.1, 0.6)).astype(int)
    x = (truth + draw.normal(0, 2, 4000))[:, None]
    balanced, shifted = np.empty(4000), np.empty(4000)
    for one in (0, 1):
        rows = part == one
        balanced[rows] = LogisticRegression(class_weight="balanced").fit(x[rows], truth[rows]).decision_function(x[rows])
        shifted[rows] = balanced[rows] + np.diff(shift(truth[rows], truth, 2))
    whole = LogisticRegression(class_weight="balanced").fit(np.column_stack([x, part]), truth).decision_function(np.column_stack([x, part]))

    assert roc_auc_score(truth, shifted) > roc_auc_score(truth, balanced) + 0.05
    assert abs(roc_auc_score(truth, shifted) - roc_auc_score(truth, whole)) < 0.01
    np.testing.assert_allclose(shifted, whole, atol=0.35)


def test_an_expert_that_does_not_weigh_its_classes_is_not_shifted(table):
    rarer = table.assign(
        abnormal=table["abnormal"].mask((table["body_part"] == "HAND") & (table.index % 100 > 20) & (table["split"] == "train"), "no")
    )

    assert seen(rarer)["HAND"].shift[1] < -0.1 and seen(rarer)["WRIST"].shift[1] > 0.1
    assert set(seen(rarer, expert={"kind": "probe", "balance": "none"})["HAND"].shift) == {0.0}
