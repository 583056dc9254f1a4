"""What a question can be answered from: each set of columns or features with its out-of-fold AUROC, interval and accuracy."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.audit.base import Context
from overread.evaluation.covariates import plain
from overread.evaluation.fits import forest, tabular
from overread.evaluation.intervals import FEWEST, Interval
from overread.evaluation.out_of_fold import Question, Scores, area, as_levels, held_out, out_of_fold
from overread.findings import Effect

AT_MOST, PICTURES = 10_000, 6_000
"""Rows, and pictures, that are asked; of more, components are drawn until there are so many: the interval is narrow by then."""


@dataclass(frozen=True)
class Asked:
    """A question and the rows it is asked of.

    Attributes
    ----------
    rows : the index is the place in the catalog
    ask : Question
    classes : the words for its class numbers
    words : what was left out, blank where nothing was
    """

    rows: pd.DataFrame
    ask: Question
    classes: list[str]
    words: str

    @property
    def enough(self) -> bool:
        """Whether every class has the components that an interval needs."""
        return self.ask.rarest >= FEWEST


@dataclass(frozen=True)
class Told:
    """How well the classes are told from one thing.

    Attributes
    ----------
    what : in the owner's words
    area : out-of-fold AUROC; of several classes the mean, each against the rest
    accuracy, balanced : share named rightly, over all rows and as the mean over classes
    """

    what: str
    area: Interval
    accuracy: float
    balanced: float

    @property
    def value(self) -> float:
        """The AUROC; one half where it is undefined."""
        return 0.5 if self.area.value is None else self.area.value

    @property
    def least(self) -> float:
        """The lower bound of the AUROC; where it has none, as a score that is the same for all has not, at most one half."""
        return min(self.value, 0.5) if self.area.low is None else self.area.low

    @property
    def words(self) -> str:
        bounds = "" if self.area.low is None else f", 95% interval {self.area.low:.2f} to {self.area.high:.2f}"
        return f"AUROC {self.value:.2f}{bounds}"

    def effect(self, name: str, n: int) -> Effect:
        return Effect(name, self.value, self.area.low, self.area.high, n)


def tell(ask: Question, what: str, scores: Scores) -> Told:
    """Score what models said of rows they did not learn from.

    Notes
    -----
    The models are class-balanced: their likeliest class makes the balanced accuracy, their likeliest by the share of the classes the plain one.
    """
    share = np.log(np.bincount(ask.truth, minlength=ask.classes) / len(ask.truth))
    truth = np.concatenate([ask.truth[held] for held, _ in scores])
    said = np.concatenate([score for _, score in scores])
    right = said.argmax(axis=1) == truth
    balanced = float(np.mean([right[truth == one].mean() for one in np.unique(truth)]))
    return Told(what, area(ask, scores), float(((said + share).argmax(axis=1) == truth).mean()), balanced)


def listed(told: list[Told], ask: Question) -> pd.DataFrame:
    """The table a page shows, in the order given."""
    commonest = np.bincount(ask.truth).max() / len(ask.truth)
    return pd.DataFrame(
        {
            "told from": [one.what for one in told],
            "AUROC": [one.area.value for one in told],
            "95% interval": ["" if one.area.low is None else f"{one.area.low:.3f} to {one.area.high:.3f}" for one in told],
            "accuracy": [one.accuracy for one in told],
            "balanced accuracy": [one.balanced for one in told],
            "most frequent class": commonest,
        }
    )


def asked(context: Context, name: str, at_most: int = AT_MOST) -> Asked:
    """Which class of a target a row is of, asked of the rows that count and whose label is known."""
    target = context.catalog.targets[name]
    return ask_which(context, context.distinct, context.distinct[name].astype(object), list(target.classes), at_most)


def ask_which(context: Context, rows: pd.DataFrame, answer: pd.Series, classes: list[str], at_most: int = AT_MOST) -> Asked:
    """Which of some classes a row is of.

    A class of fewer components than an interval needs is left out where two others remain: it must not silence the rest.

    Parameters
    ----------
    rows : rows of the catalog, one an image
    answer : (n,) str; rows whose answer is none of the classes take no part
    """
    held = rows["component"].groupby(answer).nunique()
    enough = [one for one in classes if held.get(one, 0) >= FEWEST]
    kept = enough if len(enough) > 1 else classes
    fit = rows[answer.isin(kept)]
    few = drawn(fit, context.seed, at_most)
    truth = np.asarray(pd.Categorical(answer[few.index], categories=kept).codes, dtype=int)
    words = f" Asked of {len(few):,} of {len(fit):,} images, drawn by component." if len(few) < len(fit) else ""
    words += f" Left out as too rare: {', '.join(one for one in classes if one not in kept)}." if len(kept) < len(classes) else ""
    return Asked(few, Question(truth, len(kept), few["component"].to_numpy(), context.draws, context.seed), kept, words)


def by_column(question: Asked, columns: list[str]) -> list[Told]:
    """What each column tells alone, by its levels; the best first."""
    levels = question.rows[columns].apply(as_levels)
    told = [tell(question.ask, plain(column), out_of_fold(question.ask, levels[[column]])) for column in columns]
    return sorted(told, key=lambda one: -one.value)


def by_columns(question: Asked, columns: list[str], what: str) -> Told:
    """What several columns tell at once: an additive model and boosted trees, as one."""
    return tell(question.ask, what, held_out(question.ask, tabular(question.ask, question.rows[columns])))


def by_features(question: Asked, features: NDArray[np.floating], what: str) -> Told:
    """What (n, d) features of one scale tell, by a forest."""
    return tell(question.ask, what, held_out(question.ask, forest(question.ask, features)))


def varying(rows: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """The columns that hold more than one value, each once."""
    return [column for column in dict.fromkeys(columns) if len(rows[column].astype(str).drop_duplicates()) > 1]


def drawn(rows: pd.DataFrame, seed: int, at_most: int = AT_MOST) -> pd.DataFrame:
    """Components at random until there are `at_most` rows, none giving more than a twentieth; all rows if there are no more."""
    if len(rows) <= at_most:
        return rows
    rows = rows[rows.groupby("component").cumcount() < max(1, at_most // 20)]
    names = np.sort(rows["component"].unique())
    place = pd.Series(np.random.default_rng(seed).permutation(len(names)), index=names)
    return rows.iloc[np.argsort(rows["component"].map(place).to_numpy(), kind="stable")[:at_most]].sort_index()
