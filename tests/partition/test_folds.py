"""Folds score every image once, and no fold leaks."""

from collections import Counter

import pytest

from overread.errors import UserError
from overread.partition import folds, inner_folds, refit
from overread.partition.splits import check_disjoint
from overread.recipe import Split

SITES = Split(leave_site_out=True)


@pytest.mark.parametrize("seed", range(4))
def test_every_counted_row_is_in_test_once_a_repeat_and_components_stay_whole(clinic, seed):
    made = clinic(seed)
    given = list(folds(made, Split(folds=5, repeats=2), seed))
    counted = refit(made, Split(folds=5), seed).part("train", "val").frame["row"]

    assert [(fold.repeat, fold.fold) for fold in given] == [(r, f) for r in range(2) for f in range(5)]
    for repeat in range(2):
        scored = Counter(row for fold in given if fold.repeat == repeat for row in fold.catalog.part("test").frame["row"])
        assert set(scored) == set(counted) and set(scored.values()) == {1}
    for fold in given:
        check_disjoint(fold.catalog)
        assert set(fold.catalog.part("train", "val", "test").frame["row"]) == set(counted)


def test_folds_are_even_in_rows_and_classes_and_val_is_cut_by_the_fractions(clinic):
    made = clinic(0, patients=400)
    for fold in folds(made, Split(folds=4), 0):
        frame = fold.catalog.part("train", "val", "test").frame
        share = frame["split"].value_counts(normalize=True)
        sick = frame["label"].eq("sick").groupby(frame["split"]).mean()

        assert share["test"] == pytest.approx(0.25, abs=0.01)
        assert share["val"] == pytest.approx(0.75 * 0.15 / 0.85, abs=0.02)
        assert (sick - frame["label"].eq("sick").mean()).abs().max() < 0.05


def test_repeats_differ_and_the_same_seed_gives_the_same_folds(clinic):
    made = clinic(1)
    plan = Split(folds=3, repeats=2)
    one, again = (list(folds(made, plan, 4)) for _ in range(2))

    assert all(a.catalog.frame["split"].equals(b.catalog.frame["split"]) for a, b in zip(one, again, strict=True))
    assert not one[0].catalog.frame["split"].equals(one[3].catalog.frame["split"])
    assert one[4].name == "repeat 2, fold 2 of 3"


def test_a_class_with_fewer_components_than_folds_is_refused_with_a_number_that_works(catalog):
    made = catalog(["well"] * 30 + ["sick"] * 3)

    with pytest.raises(UserError, match="class 'sick' has 3 images; 5 folds need at least 5") as caught:
        folds(made, Split(folds=5), 0)
    assert "split.folds=3" in caught.value.mend
    assert len(list(folds(made, Split(folds=3), 0))) == 3


def test_two_folds_need_enough_to_cut_val_from_the_half_that_trains(catalog):
    with pytest.raises(UserError, match="2 folds need at least 4"):
        folds(catalog(["well"] * 30 + ["sick"] * 3), Split(folds=2), 0)
    assert len(list(folds(catalog(["well"] * 30 + ["sick"] * 4), Split(folds=2), 0))) == 2


def test_each_site_is_held_out_once_and_alone(catalog):
    made = catalog(["sick", "well"] * 30, site=["a", "b", "c"] * 20)
    given = list(folds(made, SITES, 0))

    assert [fold.name for fold in given] == ["site a", "site b", "site c"]
    for fold, site in zip(given, "abc", strict=True):
        assert set(fold.catalog.part("test").frame["site"]) == {site}
        assert site not in set(fold.catalog.part("train", "val").frame["site"])
        assert len(fold.catalog.part("val")) > 0


def test_a_patient_at_two_sites_is_held_out_whole_with_most_of_his_images_and_says_so(catalog):
    made = catalog(
        ["sick", "well"] * 20 + ["sick"] * 3, site=["a", "a", "b", "b"] * 10 + ["b", "b", "a"], patient=[f"p{i}" for i in range(40)] + ["x"] * 3
    )
    at_a, at_b = folds(made, SITES, 0)

    assert set(at_b.catalog.frame["split"][40:]) == {"test"}
    assert "test" not in set(at_a.catalog.frame["split"][40:])
    assert at_b.catalog.frame["why"][42] == "test: component of 3 rows joined by patient, at 2 sites, held out with site b"
    assert at_b.catalog.frame["why"][2] == "test: alone"


def test_blank_and_single_sites_are_refused(catalog):
    with pytest.raises(UserError, match="no image has a site"):
        folds(catalog(["sick", "well"] * 4), SITES, 0)
    with pytest.raises(UserError, match=r"1 of 8 images have no site, e\.g\. row 7"):
        folds(catalog(["sick", "well"] * 4, site=["a", "b"] * 3 + ["a", ""]), SITES, 0)
    with pytest.raises(UserError, match="all images are of one site, 'a'"):
        folds(catalog(["sick", "well"] * 4, site=["a"] * 8), SITES, 0)
    with pytest.raises(UserError, match="there are 2 sites, but every component is mostly of 'a'"):
        folds(catalog(["sick", "well"] * 4, site=["a", "a", "b", "b"] * 2, patient=["p", "q"] * 4), SITES, 0)


def test_a_class_of_one_site_only_is_refused_because_nothing_could_learn_it(catalog):
    made = catalog(["sick", "well"] * 10 + ["well"] * 10, site=["a"] * 20 + ["b"] * 10)

    with pytest.raises(UserError, match="class 'sick' has 0 images; train and val beside site a need at least 2"):
        folds(made, SITES, 0)


def test_the_refit_trains_on_all_and_scores_none(clinic):
    made = clinic(2)
    kept = refit(made, Split(folds=5), 0)

    assert set(kept.frame["split"]) <= {"train", "val", ""}
    assert len(kept.part("val")) / len(kept.part("train", "val")) == pytest.approx(0.15 / 0.85, abs=0.03)
    check_disjoint(kept)


def test_inner_folds_divide_what_an_outer_fold_trains_on_and_nothing_else(clinic):
    made = clinic(3)
    for fold in folds(made, Split(folds=3), 0):
        inner = inner_folds(fold, 4, 0)
        frame = fold.catalog.frame.set_index("row")

        assert set(inner.index) == set(frame.index[frame["split"].isin(["train", "val"])])
        assert set(inner) == {"0", "1", "2", "3"}
        assert inner.groupby(frame.loc[inner.index, "component"]).nunique().max() == 1
        assert inner.value_counts(normalize=True).max() < 0.32
        assert inner.equals(inner_folds(fold, 4, 0)) and not inner.equals(inner_folds(fold, 4, 1))


def test_inner_folds_of_a_class_that_is_too_rare_are_refused(catalog):
    fold = next(folds(catalog(["well"] * 30 + ["sick"] * 5), Split(folds=5), 0))

    with pytest.raises(UserError, match="class 'sick' has 4 images; 5 inner folds of fold 1 of 5 need at least 5"):
        inner_folds(fold, 5, 0)
