"""Trees catch what an additive model does not, and both pooled are nearly as sharp as the better of them."""

import numpy as np
import pandas as pd
import pytest

from overread.evaluation.fits import as_cells, boosted, forest, tabular
from overread.evaluation.out_of_fold import Fit, Question, additive, area, as_levels, held_out

N = 1040
TRUTH = np.random.default_rng(0).integers(0, 2, N // 2).repeat(2)
ASK = Question(TRUTH, 2, np.arange(N) // 2, 20, 0)


def reached(fit: Fit) -> float:
    """The AUROC out of fold."""
    return area(ASK, held_out(ASK, fit)).value or 0.0


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

    assert reached(plain) < 0.6
    assert reached(trees) == pytest.approx(1)
    assert reached(tabular(ASK, together)) > 0.98


def test_where_trees_are_no_better_both_are_as_good_as_the_additive_model(steps: pd.DataFrame) -> None:
    alone = reached(additive(ASK, steps.apply(as_levels)))

    assert alone > 0.75
    assert reached(tabular(ASK, steps)) > alone - 0.02


def test_no_fit_gains_from_a_name_that_a_component_shares() -> None:
    names = pd.DataFrame({"patient": ASK.cluster.astype(str)})

    assert reached(boosted(ASK, names)) == pytest.approx(0.5, abs=0.05)


def test_a_forest_tells_a_ring_from_its_middle_and_noise_from_nothing() -> None:
    draw = np.random.default_rng(4)
    angle = draw.uniform(0, 2 * np.pi, N)
    ring = (np.where(TRUTH, 3, 1) * np.stack([np.cos(angle), np.sin(angle)]) + draw.normal(0, 0.3, (2, N))).T

    assert reached(forest(ASK, ring)) > 0.97
    assert reached(forest(ASK, draw.normal(size=(N, 5)))) == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("column", [[None] * N, [1.5, *[None] * (N - 1)], [np.inf, -np.inf, *range(N - 2)], ["seen once", *["x"] * (N - 1)]])
def test_columns_that_are_hardly_filled_in_or_endless_tell_nothing_and_break_nothing(column: list[object]) -> None:
    table = pd.DataFrame({"odd": column})

    for fit in (additive(ASK, table.apply(as_levels)), boosted(ASK, table)):
        assert reached(fit) == pytest.approx(0.5, abs=0.07)


def test_numbers_stay_numbers_and_rare_words_become_one() -> None:
    number = as_cells(pd.Series(["1", "", "3"]))
    words = as_cells(pd.Series(["a", None, *(str(i) + "x" for i in range(200)), "a"]))

    assert number.isna().tolist() == [False, True, False] and number.dtype == float
    assert words.iloc[0] == "a" and words.isna().sum() == 1 and (words == "other").sum() == 101
