from dataclasses import replace

import numpy as np
import pytest

from overread.learners.probe.choose import choose, divide
from overread.learners.probe.logreg import LogReg


@pytest.mark.parametrize("classes", [2, 4])
def test_no_component_is_on_two_sides_and_every_row_is_held_out_once(rows, classes):
    seen = rows(classes=classes)

    folds = divide(seen, 5, 0)

    assert len(folds) == 5
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(len(seen)))
    for learnt, held in folds:
        assert not set(seen.components[learnt]) & set(seen.components[held])
        shares = [np.bincount(seen.codes[part], minlength=classes) / len(part) for part in (learnt, held)]
        np.testing.assert_allclose(*shares, atol=0.06)


def test_folds_are_drawn_by_the_seed(rows):
    held = [np.concatenate([held for _, held in divide(rows(), 5, seed)]).tolist() for seed in (0, 0, 1)]
    assert held[0] == held[1] != held[2]


@pytest.mark.parametrize(("components", "folds"), [(1, None), (2, 2), (3, 3), (9, 5)])
def test_a_rare_class_asks_for_fewer_folds_and_one_component_for_none(rows, components, folds):
    seen = rows()
    rare = np.flatnonzero(seen.codes == 1)[: 2 * components]
    few = seen.take(np.concatenate([np.flatnonzero(seen.codes == 0), rare]))

    made = divide(few, 5, 0)

    assert (made and len(made)) == folds


@pytest.mark.filterwarnings("error")
def test_one_row_a_patient_is_cut_without_a_word(rows):
    seen = rows()

    assert len(divide(replace(seen, components=np.arange(len(seen)).astype(str).astype(object)), 5, 0)) == 5


def test_folds_that_split_patients_flatter_what_remembers_them(rows):
    """Labels that mean nothing, two nearly equal rows a patient: only grouped folds say so."""
    draw = np.random.default_rng(0)
    seen = replace(rows(n=200, d=40), codes=np.repeat(draw.integers(0, 2, 100), 2))
    torn = replace(seen, components=np.arange(200).astype(str).astype(object))

    grouped, split = (min(choose(part, LogReg([1.0]), divide(part, 5, 0), "standardise").losses.values()) for part in (seen, torn))

    assert grouped > np.log(2) > split


def test_what_is_held_out_takes_no_part_in_the_scaling(rows):
    seen = rows()
    far = seen.seen_as(np.where(np.arange(240)[:, None] < 2, 1e6, seen.features).astype(np.float32))
    first = [(np.arange(2, 240), np.arange(2))]

    class Watched(LogReg):
        def path(self, learnt, held):
            assert learnt.features.std(axis=0) == pytest.approx(1, abs=1e-3)
            return super().path(learnt, held)

    choose(far, Watched([0.01]), first, "standardise")
