"""Models that catch what an additive one does not: boosted trees for tables, alone and pooled with it, and a forest for coarse pictures."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier

from overread.evaluation.out_of_fold import Fit, Question, additive, as_levels

LEVELS = 100
"""Most levels of a text column that trees tell apart; the rarer ones count as one."""

ROUNDS, TREES = 60, 60
"""Rounds of boosting, trees of a forest."""


def boosted(ask: Question, table: pd.DataFrame) -> Fit:
    """Gradient-boosted trees, class-balanced, over numbers as they are and text as categories: they catch interactions.

    Parameters
    ----------
    table : (n, columns) of numbers and text, see `as_cells`

    Notes
    -----
    Histogram-based boosting (Ke et al. 2017, LightGBM) as scikit-learn has it; small trees and no early stopping, which would cut a
    validation part across components.
    """
    cells = table.apply(as_cells)

    def fit(learn: np.ndarray, held: np.ndarray) -> np.ndarray:
        model = HistGradientBoostingClassifier(
            max_iter=ROUNDS,
            max_leaf_nodes=8,
            min_samples_leaf=10,
            class_weight="balanced",
            categorical_features="from_dtype",
            early_stopping=False,
            random_state=ask.seed,
        )
        known = cells.columns[cells.iloc[learn].notna().any()]
        if not len(known):  # the few that are filled in are all held out
            return np.full((len(held), ask.classes), -np.log(ask.classes))
        return _log(model.fit(cells.iloc[learn][known], ask.truth[learn]).predict_proba(cells.iloc[held][known]))

    return fit


def forest(ask: Question, features: NDArray[np.floating]) -> Fit:
    """Extremely randomised trees (Geurts et al. 2006), class-balanced, over (n, d) features of one scale."""

    def fit(learn: np.ndarray, held: np.ndarray) -> np.ndarray:
        model = ExtraTreesClassifier(TREES, min_samples_leaf=3, class_weight="balanced", random_state=ask.seed)
        return _log(model.fit(features[learn], ask.truth[learn]).predict_proba(features[held]))

    return fit


def pooled(*fits: Fit) -> Fit:
    """The mean of what several models say, as log-probabilities: nothing is chosen, so that nothing is chosen by the rows that are scored.

    Where one of them knows no better than chance it is nearly silent, and the other speaks (a logarithmic opinion pool, Genest & Zidek 1986).
    """

    def fit(learn: np.ndarray, held: np.ndarray) -> np.ndarray:
        return np.asarray(np.mean([one(learn, held) for one in fits], axis=0))

    return fit


def tabular(ask: Question, table: pd.DataFrame) -> Fit:
    """What (n, columns) of numbers and text tell, each by itself or only together: an additive model and boosted trees, pooled."""
    return pooled(additive(ask, table.apply(as_levels)), boosted(ask, table))


def as_cells(column: pd.Series) -> pd.Series:
    """A column as trees take it: numbers (blank is NaN) or the commonest categories, told apart without a look at the label."""
    number = pd.to_numeric(column, errors="coerce")
    blank = column.isna() | (column.astype(str).str.strip() == "")
    if (number.notna() | blank).all():
        return number.astype(float)
    words = column.astype(str).mask(blank)
    return words.where(words.isin(words.value_counts().index[:LEVELS]), "other").mask(blank).astype("category")


def _log(probability: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(probability.clip(1e-12)))
