"""Trees catch what an additive model does not, and the better of two is chosen without a look at the rows that are scored."""

import numpy as np
import pandas as pd
import pytest

from overread.evaluation.fits import as_cells, better, boosted, forest
from overread.evaluation.out_of_fold import Fit, Question, additive, area, as_levels, held_out

N = 1040
TRUTH = np.random.default_rng(0).integers(0, 2, N // 2).repeat(2)
ASK = Question(TRUTH, 2, np.arange(N) // 2, 20, 0)


@pytest.fixture
def together() -> pd.DataFrame:
    """Two columns that tell nothing alone, and the label together."""
    site = np.random.default_rng(1).integers(0, 2, N)
    return pd.DataFrame({"site": np.where(site, "north", "south"), "device": np.where(site ^ TRUTH, "old", "new")})


@pytest.fixture
def steps() -> pd.DataFrame:
    """A column whose every tenth tells another class: steps, which levels catch."""
    number = np.random.default_rng(2).uniform(size=N)
    return pd.DataFrame({"width": np.where(np.random.default_rng(3).random(N) < 0.3, number, (TRUTH + number) / 2)})


def test_what_two_columns_tell_only_together_is_caught_by_trees_alone(together: pd.DataFrame) -> None:
    plain, trees = additive(ASK, together.apply(as_levels)), boosted(ASK, together)

    assert ranked(ASK, held_out(ASK, plain)) < 0.6
    assert ranked(ASK, held_out(ASK, trees)) == pytest.approx(1)
    assert ranked(ASK, held_out(ASK, better(ASK, plain, trees))) == pytest.approx(1)


def test_where_trees_are_no_better_the_better_of_both_is_as_good_as_the_additive_model(steps: pd.DataFrame) -> None:
    plain, trees = additive(ASK, steps.apply(as_levels)), boosted(ASK, steps)
    alone = ranked(ASK, held_out(ASK, plain))

    assert alone > 0.75
    assert ranked(ASK, held_out(ASK, better(ASK, plain, trees))) > alone - 0.02


def test_no_fit_gains_from_a_name_that_a_component_shares() -> None:
    names = pd.DataFrame({"patient": ASK.cluster.astype(str)})

    assert ranked(ASK, held_out(ASK, boosted(ASK, names))) == pytest.approx(0.5, abs=0.05)


def test_a_forest_tells_a_ring_from_its_middle_and_noise_from_nothing() -> None:
    draw = np.random.default_rng(4)
    angle = draw.uniform(0, 2 * np.pi, N)
    ring = (np.where(TRUTH, 3, 1) * np.stack([np.cos(angle), np.sin(angle)]) + draw.normal(0, 0.3, (2, N))).T

    assert ranked(ASK, held_out(ASK, forest(ASK, ring))) > 0.97
    assert ranked(ASK, held_out(ASK, forest(ASK, draw.normal(size=(N, 5))))) == pytest.approx(0.5, abs=0.07)


def test_with_too_few_components_to_choose_among_models_the_first_is_taken() -> None:
    few = Question(np.array([0, 0, 1, 1]), 2, np.arange(4), 20, 0)
    table = pd.DataFrame({"width": [1, 1, 2, 2]})
    first = additive(few, table.apply(as_levels))
    learn, held = np.array([0, 2]), np.array([1, 3])

    assert (better(few, first, boosted(few, table))(learn, held) == first(learn, held)).all()


@pytest.mark.parametrize("column", [[None] * N, [1.5, *[None] * (N - 1)], [np.inf, -np.inf, *range(N - 2)], ["seen once", *["x"] * (N - 1)]])
def test_columns_that_are_hardly_filled_in_or_endless_tell_nothing_and_break_nothing(column: list[object]) -> None:
    table = pd.DataFrame({"odd": column})

    for fit in (additive(ASK, table.apply(as_levels)), boosted(ASK, table)):
        assert ranked(ASK, held_out(ASK, fit)) == pytest.approx(0.5, abs=0.07)


def test_numbers_stay_numbers_and_rare_words_become_one() -> None:
    number = as_cells(pd.Series(["1", "", "3"]))
    words = as_cells(pd.Series(["a", None, *(str(i) + "x" for i in range(200)), "a"]))

    assert number.isna().tolist() == [False, True, False] and number.dtype == float
    assert words.iloc[0] == "a" and words.isna().sum() == 1 and (words == "other").sum() == 101
