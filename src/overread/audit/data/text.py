"""Whether a report says what the image is asked: the label told from free text alone, and the words that do it."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from overread.audit.base import Context, check
from overread.audit.telling import Asked, Told, asked, tell
from overread.catalog import TEXT
from overread.evaluation.covariates import TELLING
from overread.evaluation.intervals import FEWEST
from overread.evaluation.out_of_fold import Question, held_out
from overread.findings import Finding, Severity
from overread.learners.late_fusion.table import plain
from overread.learners.late_fusion.words import Words

ALONE = 0.95
"""Lower bound of the AUROC from which the text alone gives the label."""

SEVERAL, SHARE, DISTINCT = 3, 0.1, 20
"""Free text has three words or more in the middle case, and as many different entries as a tenth of its rows and 20: levels of a column
are fewer or shorter, and a path has no blanks."""

NAMED = 6
"""Words a finding names."""

REMEDY = (
    "Read only what was written before the image was (the indication), or the findings section without the impression, or no text. Where "
    "labels were mined from a report, no score of a model that reads it says anything of the image."
)


@check("text", cheap=True)
def text(context: Context) -> list[Finding]:
    """How well each column of free text tells the label: AUROC of models that saw no row of the component, with its interval.

    A class-balanced logistic regression on words and word pairs (TF-IDF). Words are named that stand in texts of five components or more,
    never a text.
    """
    columns = _free(context)
    if not columns:
        return [Finding("text", "data", Severity.INFO, True, "The table has no column of free text that could say the label.")]
    return [_of(context, name, column) for name in context.catalog.targets for column in columns]


def _free(context: Context) -> list[str]:
    """The columns a learner was given as text, and those that look like it: neither the house's, nor a target, nor the image's path."""
    house = {"row", *TEXT, *context.catalog.targets, *context.catalog.facts}
    return [
        name
        for name in map(str, context.rows)
        if name in context.texts or (name not in house and not pd.api.types.is_numeric_dtype(context.rows[name]) and _reads(context.distinct[name]))
    ]


def _reads(column: pd.Series) -> bool:
    """Whether several words stand in most entries, and the entries differ."""
    filled = plain(column)
    filled = filled[filled != ""]
    different = pd.Series(filled.unique())
    if len(different) < max(DISTINCT, SHARE * len(filled)):
        return False
    return bool(different.str.count(r"(?:^|\s)[^\W\d_]{2,}").median() >= SEVERAL)


def _of(context: Context, name: str, column: str) -> Finding:
    question = asked(context, name)
    if not question.enough:
        few = f"A class of {name} has fewer than {FEWEST} components: whether the text of {column} says it cannot be measured."
        return Finding("text", "data", Severity.INFO, None, few)
    written = plain(question.rows[column])
    words = Words.of(written, question.ask.cluster)
    x = words.encode(written)
    told = tell(question.ask, column, held_out(question.ask, lambda learn, held: _read(question.ask, x, learn, held)))
    effect = told.effect("AUROC of the text alone", len(question.rows))
    if told.least <= 0.5:
        quiet = f"Nothing is shown to tell {name} from the text of {column}: {told.words}.{question.words}"
        return Finding("text", "data", Severity.INFO, True, quiet, effect)
    loud = told.least > TELLING and (context.read is None or column in context.read)
    severity = Severity.HIGH if loud else Severity.LOW
    return Finding("text", "data", severity, False, _said(context, question, told, words, x, name), effect, remedy=REMEDY)


def _said(context: Context, question: Asked, told: Told, words: Words, x: csr_matrix, name: str) -> str:
    """What the text tells, by which words, and whether a model reads it."""
    column = told.what
    what = f"The text alone gives the label: {column} tells {name}" if told.least >= ALONE else f"The text of {column} tells {name} without the image"
    if told.least <= TELLING:
        what = f"The text of {column} tells a little of {name} without the image"
    by = _telling(question.ask, words, x)
    named = f", by words as {', '.join(f'“{one}”' for one in by)}" if by else ""
    reads = "" if context.read is None else " The model reads it." if column in context.read else " No model of this run reads it."
    return f"{what} ({told.words}{named}).{reads}{question.words}"


def _read(ask: Question, x: csr_matrix, learn: np.ndarray, held: np.ndarray) -> np.ndarray:
    """(h, C) log-probabilities."""
    return np.asarray(_model().fit(x[learn], ask.truth[learn]).predict_log_proba(x[held]).clip(-700))


def _model() -> LogisticRegression:
    return LogisticRegression(C=10, class_weight="balanced", max_iter=1000)


def _telling(ask: Question, words: Words, x: csr_matrix) -> list[str]:
    """The single words that move the answer most: weight times how much the word varies."""
    single = [place for place, word in enumerate(words.vocabulary) if " " not in word]
    if not single:
        return []
    x = csr_matrix(x)[:, single]
    spread = np.sqrt(np.maximum(0, np.asarray(x.multiply(x).mean(axis=0)).ravel() - np.asarray(x.mean(axis=0)).ravel() ** 2))
    moves = np.abs(_model().fit(x, ask.truth).coef_).max(axis=0) * spread
    best = np.argsort(-moves, kind="stable")[:NAMED]
    return [words.vocabulary[single[place]] for place in best if moves[place] >= moves[best[0]] / 2]
