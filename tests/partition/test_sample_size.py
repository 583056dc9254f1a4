"""Widths agree with their formulas, counts with the table."""

import json

import numpy as np
import pytest

from overread.evaluation.intervals import wilson_bounds
from overread.partition import partition, sample_size
from overread.partition.sample_size import auroc_width
from overread.recipe import Split


@pytest.mark.parametrize(("positive", "negative"), [(40, 60), (60, 15)])
def test_the_auroc_width_is_the_spread_of_simulated_areas(positive, negative):
    """Hanley and McNeil's form is exact for exponential scores; the area 0.85 is a ratio of rates of 0.85 / 0.15."""
    draw = np.random.default_rng(0)
    areas = [(draw.exponential(0.85 / 0.15, (positive, 1)) > draw.exponential(1, negative)).mean() for _ in range(8000)]

    assert np.mean(areas) == pytest.approx(0.85, abs=0.003)
    assert auroc_width(0.85, positive, negative) == pytest.approx(1.96 * np.std(areas), rel=0.03)


def test_the_auroc_width_agrees_with_its_closed_form_by_hand():
    """Two cases a class at 0.5: Q1 = Q2 = 1/3, variance (1/4 + 1/12 + 1/12) / 4."""
    assert auroc_width(0.5, 2, 2) == pytest.approx(1.959963984540054 * np.sqrt(5 / 48))


def test_wilson_is_the_published_interval():
    """Newcombe 1998, Table I: 81 of 263 gives 0.2553 to 0.3662."""
    assert wilson_bounds(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_the_table_counts_images_distinct_ones_and_patients(catalog):
    split = ["train"] * 6 + ["val"] * 2 + ["test"] * 4
    made = catalog(
        ["sick", "sick", "sick", "well", "well", "well", "sick", "well", "sick", "sick", "well", "well"],
        patient=["a", "a", "b", "c", "d", "e", "f", "g", "h", "h", "i", "j"],
        pixel_sha=["1", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
        split=split,
    )
    size = sample_size(partition(made, Split(published=True), 0)[0])

    assert size["table"][3] == {"target": "label", "class": "sick", "part": "train", "images": 3, "distinct": 2, "components": 2}
    assert size["expected"]["label"]["sick"]["components"] == 3
    assert (size["expected"]["label"]["sick"]["positive"], size["expected"]["label"]["sick"]["negative"]) == (1, 2)
    assert "no interval can be given for 'sick'" in size["sentences"][0]
    json.dumps(size, allow_nan=False)


def test_the_sentence_says_the_width_to_expect(catalog):
    made = catalog(["sick", "well"] * 42, patient=[f"p{i}" for i in range(84)], split=["train", "train", "test", "test"] * 21)
    size = sample_size(partition(made, Split(published=True), 0)[0])

    half = auroc_width(0.85, 21, 21)
    assert size["sentences"][0].startswith(f"label: with 42 test patients (21 'sick') an AUROC of 0.85 will carry an interval of about ±{half:.2f}")


def test_a_class_that_test_lacks_has_no_width_and_folds_score_all_parts(catalog):
    made = catalog(["sick", "well"] * 10 + ["well"] * 5, split=["train"] * 10 + ["val"] * 10 + ["test"] * 5)
    parted = partition(made, Split(published=True), 0)[0]
    alone = sample_size(parted)["expected"]["label"]["sick"]
    pooled = sample_size(parted, scored=("train", "val", "test"))["expected"]["label"]["sick"]

    assert alone["auroc"] is None and alone["sensitivity"] is None and alone["specificity"] is not None
    assert pooled["positive"] == 10 and pooled["auroc"]["low"] == pytest.approx(0.85 - auroc_width(0.85, 10, 15))
    assert pooled["auroc"]["high"] == 1.0
