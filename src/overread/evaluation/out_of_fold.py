"""How well a table tells a label: models scored on components they have not seen, with an interval."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from overread.evaluation.counts import Cases, Counts, ratio
from overread.evaluation.intervals import FEWEST, Interval, clustered_bootstrap, flawless
from overread.evaluation.metrics import auroc

FOLDS, REPEATS, SMALL = 5, 3, 500
"""Folds of the out-of-fold scores, repeated while there are fewer components than SMALL: one partition of few cases is noise."""

BINS = 10
"""Numbers with more distinct values than this are cut at their deciles."""

Scores = list[tuple[np.ndarray, np.ndarray]]
"""One entry a fold of a repeat: (h,) positions of the rows held out, (h, C) their log-probabilities."""

Kinds = tuple[np.ndarray, np.ndarray, Cases]
"""Rows that a fold held out, equal ones together; where each kind of them begins; the kinds as cases."""

Fit = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From the positions to learn from and those held out to (h, C) log-probabilities of the latter."""


@dataclass(frozen=True)
class Question:
    """What is asked of a table's rows.

    Attributes
    ----------
    truth : (n,) int in [0, classes), none unknown
    classes : int
    cluster : (n,) component of each row
    draws, seed : of the bootstrap; the seed also shuffles the folds
    """

    truth: np.ndarray
    classes: int
    cluster: np.ndarray
    draws: int
    seed: int

    @cached_property
    def rarest(self) -> int:
        """Components of the class that has the fewest."""
        return min(len(np.unique(self.cluster[self.truth == one])) for one in range(self.classes))

    @property
    def answerable(self) -> bool:
        """Whether a fold can be held out and leave something of every class."""
        return self.rarest >= 2

    @cached_property
    def folds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Positions to learn from, which have something of every class, and positions held out, whose components are not among them."""
        repeats = REPEATS if len(np.unique(self.cluster)) < SMALL else 1
        drawn = [StratifiedGroupKFold(min(FOLDS, self.rarest), shuffle=True, random_state=self.seed + repeat) for repeat in range(repeats)]
        parts = [part for folds in drawn for part in folds.split(self.truth, self.truth, self.cluster)]
        return [(learn, held) for learn, held in parts if len(np.unique(self.truth[learn])) == self.classes]

    def only(self, rows: np.ndarray) -> "Question":
        """The same question of the rows a boolean mask keeps."""
        return Question(self.truth[rows], self.classes, self.cluster[rows], self.draws, self.seed)


def held_out(ask: Question, fit: Fit) -> Scores:
    """Scores of rows by models that saw no row of their component; see `Question.folds`."""
    return [(held, fit(learn, held)) for learn, held in ask.folds]


def out_of_fold(ask: Question, levels: pd.DataFrame, logits: np.ndarray | None = None) -> Scores:
    """What an additive model of a table's levels says of rows whose component it did not see; see `additive`."""
    return held_out(ask, additive(ask, levels, logits))


def additive(ask: Question, levels: pd.DataFrame, logits: np.ndarray | None = None) -> Fit:
    """A class-balanced, ridge-penalised logistic regression on one-hot levels.

    Parameters
    ----------
    levels : (n, columns) of categories, see `as_levels`; none is allowed beside logits
    logits : (n, d) float, entered as they are beside the levels

    Notes
    -----
    File facts act in steps (a width of 1024 is a hospital), which levels catch; a model's log-odds enter straight, so that nothing of
    them is lost, as it would be to the cuts of trees. Interactions of columns are not modelled; `overread.evaluation.fits.boosted` does.
    """

    def fit(learn: np.ndarray, held: np.ndarray) -> np.ndarray:
        x, z = _columns(levels.iloc[learn], levels.iloc[held])
        if logits is not None:
            x, z = np.hstack([x, logits[learn]]), np.hstack([z, logits[held]])
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
        return np.asarray(model.fit(x, ask.truth[learn]).predict_log_proba(z).clip(-700))

    return fit


def _columns(learn: pd.DataFrame, held: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """One-hot levels of both parts; a level seen fewer than three times while learning counts as rare, like one never seen."""
    if learn.shape[1] == 0:
        return np.empty((len(learn), 0)), np.empty((len(held), 0))
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=50, sparse_output=False)
    return encoder.fit_transform(learn), encoder.transform(held)


def as_levels(column: pd.Series) -> pd.Series:
    """A column as text categories: many-valued numbers cut at their deciles (without a look at the label), blank and infinite ones apart."""
    number = pd.to_numeric(column, errors="coerce")
    blank = column.isna() | (column.astype(str).str.strip() == "")
    if number.nunique() > BINS and (number.notna() | blank).all():
        column = pd.qcut(number.where(np.isfinite(number.astype(float))), BINS, duplicates="drop")
    return column.astype(str).fillna("").mask(blank, "")


def area(ask: Question, *scores: Scores) -> Interval:
    """AUROC of out-of-fold scores with its interval; of two, the second minus the first on the same folds and draws.

    Notes
    -----
    Only rows held out by the same fold are compared with each other. Pooling folds compares the intercepts of different models, which
    lean against the held-out label: an uninformative column would score below one half (Airola et al. 2011). Of several classes the
    mean, each against the rest.
    """
    folds = [[_kinds(ask.truth[held], held, score) for held, score in one] for one in scores]

    def statistic(weight: np.ndarray) -> dict[str, np.ndarray]:
        areas = [_within(fold, weight, ask.classes) for fold in folds]
        return {"auroc": areas[-1] - areas[0] if len(areas) > 1 else areas[0]}

    value = float(statistic(np.ones((1, len(ask.truth))))["auroc"][0])
    if ask.rarest < FEWEST:
        return Interval.bare(value, f"the rarest class has {ask.rarest} components, {FEWEST} are needed")
    found = clustered_bootstrap(statistic, ask.cluster, draws=ask.draws, seed=ask.seed, components={"auroc": ask.rarest})["auroc"]
    if found.low is None and len(folds) > 1 and value == 0:
        return Interval(0.0, 0.0, 0.0, "the same in every draw")
    return flawless(value, ask.rarest) if len(folds) == 1 and value > 1 - 1e-12 else found


def _kinds(truth: np.ndarray, held: np.ndarray, score: np.ndarray) -> Kinds:
    """The rows a fold held out, those of one class and one score as one case: single columns give few different scores.

    Scores that differ by rounding alone, as those of equal rows may, count as equal.
    """
    told, kind = np.unique(np.column_stack([score.round(12), truth]), axis=0, return_inverse=True)
    order = np.argsort(kind, kind="stable")
    of = told[:, -1].astype(int)
    return held[order], np.flatnonzero(np.diff(kind[order], prepend=-1)), Cases(of, told[:, :-1], of)


def _within(folds: list[Kinds], weight: np.ndarray, classes: int) -> np.ndarray:
    """(draws,) share of pairs of the same fold in the right order; mean over classes."""
    asked = range(1, classes) if classes == 2 else range(classes)
    right, pairs = np.zeros((len(asked), len(weight))), np.zeros((len(asked), len(weight)))
    for rows, first, cases in folds:
        joint = np.add.reduceat(weight[:, rows], first, axis=1)
        for i, one in enumerate(asked):
            counts = Counts(cases.one_against_rest[one], joint)
            positive = counts.weight @ counts.cases.truth
            many = positive * (counts.total - positive)
            right[i] += np.nan_to_num(auroc(counts)) * many
            pairs[i] += many
    return np.asarray(ratio(right, pairs).mean(axis=0))
