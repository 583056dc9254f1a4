import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from overread.evaluation.out_of_fold import Question, area, as_levels, out_of_fold


def question(seed, n=160):
    truth = np.random.default_rng(seed).integers(0, 2, n // 2).repeat(2)
    return Question(truth, 2, np.arange(n) // 2, 20, seed)


def test_no_row_is_scored_by_a_model_that_saw_its_component():
    ask = question(0)
    name = pd.DataFrame({"patient": ask.cluster.astype(str)})
    scores = out_of_fold(ask, name)

    assert area(ask, scores).value == pytest.approx(0.5, abs=0.05)
    for held, _ in scores:
        outside = np.setdiff1d(np.arange(len(ask.truth)), held)
        assert not set(ask.cluster[held]) & set(ask.cluster[outside])


def test_a_column_that_tells_nothing_scores_one_half_on_average_where_pooled_folds_score_below():
    within, pooled = [], []
    for seed in range(25):
        ask = question(seed)
        levels = pd.DataFrame({"sex": np.random.default_rng(100 + seed).choice(["f", "m", "u"], len(ask.truth) // 2).repeat(2)})
        scores = out_of_fold(ask, levels)
        total = np.zeros(len(ask.truth))
        for held, score in scores:
            total[held] += score[:, 1] - score[:, 0]
        within.append(area(ask, scores).value)
        pooled.append(roc_auc_score(ask.truth, total))

    assert np.mean(within) == pytest.approx(0.5, abs=0.03)
    assert np.mean(pooled) < np.mean(within)


def test_numbers_are_cut_at_deciles_and_blanks_are_a_level_of_their_own():
    age = as_levels(pd.Series([None, *range(100)]))
    sex = as_levels(pd.Series(["f", "m", "", None, "f"]))
    year = as_levels(pd.Series([2019, 2020, 2019, 2021]))

    assert age.nunique() == 11 and age.iloc[0] == ""
    assert sex.tolist() == ["f", "m", "", "", "f"]
    assert year.tolist() == ["2019", "2020", "2019", "2021"]
