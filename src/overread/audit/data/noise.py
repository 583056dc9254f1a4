"""Labels that frozen features confidently disagree with: a list to look at, from which nothing is removed."""

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues  # type: ignore[import-untyped]
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from overread.audit.base import Context, check
from overread.audit.evidence import sheet, table
from overread.audit.telling import PICTURES, Asked, asked, tell
from overread.backbones.create import create
from overread.evaluation.intervals import FEWEST
from overread.evaluation.out_of_fold import Question, held_out
from overread.features.embed import embed
from overread.findings import Effect, Finding, Severity
from overread.recipe import Backbone, Image, Runtime

SHOWN = 12
"""Pictures on the sheet, of copies one; the table has all."""

ENOUGH, MOST = 0.75, 0.7
"""Least lower bound of the AUROC, and least share of labels named as they are, at which features know them well enough to doubt a single one."""

PENALTY = 0.003
"""C of the logistic head: about a thousand features of about a thousand images need a strong one."""


@check("noise")
def noise(context: Context) -> list[Finding]:
    """Rows whose label a cross-validated model confidently contradicts (confident learning, Northcutt et al. 2021, by cleanlab).

    A logistic head on the features of the house's default backbone, folds by component. A row is listed where another class is more
    likely than such a class is on average where it is the label. How many of those are right as they are, by the model's own word, is
    the sum of what it gives to their labels; a shortcut or a rare look makes a model confident too, so that this is no verdict.
    """
    questions = {name: asked(context, name, PICTURES) for name in context.catalog.targets}
    places = sorted({place for question in questions.values() if question.enough for place in question.rows.index})
    features = pd.DataFrame(_features(context, places) if places else None, index=places)
    return [_of(context, question, name, number, features) for number, (name, question) in enumerate(questions.items())]


def _features(context: Context, places: list[int]) -> NDArray[np.float32]:
    trunk = create(Backbone(), Image(size=context.pictures.fitting.size))
    return embed(trunk, context.pictures.take(places), Runtime(), "reading features").features


def _of(context: Context, question: Asked, name: str, number: int, features: pd.DataFrame) -> Finding:
    rows, ask = question.rows, question.ask
    if not question.enough:
        return Finding("noise", "data", Severity.INFO, None, f"A class of {name} has fewer than {FEWEST} components: no label can be doubted.")
    seen = features.loc[rows.index].to_numpy()
    scores = held_out(ask, lambda learn, held: _head(ask, seen, learn, held))
    model = tell(ask, "frozen features", scores)
    p = np.zeros((len(rows), ask.classes))
    for held, score in scores:
        p[held] += np.exp(score)
    p /= p.sum(axis=1, keepdims=True)
    agree = float((p.argmax(axis=1) == ask.truth).mean())
    sure = f"frozen features name {agree:.0%} of the images as they are labelled, {model.words}"
    if model.least < ENOUGH or agree < MOST:
        few = f"Whether single labels of {name} are wrong cannot be told: features know them too poorly ({sure}).{question.words}"
        return Finding("noise", "data", Severity.INFO, None, few, model.effect("AUROC of frozen features", len(rows)))
    listed = _doubted(question, p)
    file = f"noise-{number + 1}" if number else "noise"
    words = "looks like " + listed["looks like"].astype(str) + listed["confidence"].map(" ({:.2f})".format).astype("str")
    family = listed["row"].map(context.family.set_axis(context.rows["row"]))
    shown = listed.index[~family.duplicated()][:SHOWN]
    evidence = [*sheet(context, file, listed["row"][shown], words[shown]), *table(context, file, listed)]
    return _said(question, name, sure, listed, evidence)


def _head(ask: Question, features: NDArray[np.float32], learn: NDArray[np.intp], held: NDArray[np.intp]) -> NDArray[np.float64]:
    """(h, C) log-probabilities; the classes keep their shares, which cleanlab reckons with."""
    head = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=1000))
    return np.asarray(np.log(head.fit(features[learn], ask.truth[learn]).predict_proba(features[held]).clip(1e-12)))


def _doubted(question: Asked, p: NDArray[np.float64]) -> pd.DataFrame:
    """The rows whose label is doubted, the least likely label first."""
    truth = question.ask.truth
    doubted: NDArray[np.bool_] = find_label_issues(truth, p, filter_by="confident_learning", n_jobs=1)
    place = np.arange(len(truth))
    other = np.where(np.eye(p.shape[1], dtype=bool)[truth], -1, p).argmax(axis=1)
    classes = np.array(question.classes, dtype=object)
    told = pd.DataFrame(
        {
            "row": question.rows["row"].to_numpy(),
            "label": classes[truth],
            "looks like": classes[other],
            "confidence": p[place, other],
            "confidence in the label": p[place, truth],
        }
    )
    return told.loc[doubted].sort_values(["confidence in the label", "row"], ignore_index=True)


def _said(question: Asked, name: str, sure: str, listed: pd.DataFrame, evidence: list[str]) -> Finding:
    n = len(question.rows)
    effect = Effect("share of labels that are doubted", len(listed) / n, n=n)
    if listed.empty:
        return Finding("noise", "data", Severity.INFO, True, f"{name}: no label is confidently contradicted ({sure}).{question.words}", effect)
    right = listed["confidence in the label"].sum()
    loud = (
        f"{name}: {len(listed):,} of {n:,} labels are doubted ({sure}). By the model's own word about {right:,.0f} of them are right as they "
        f"are, and it may be wrong about more: a list to look at, not a count of errors.{question.words}"
    )
    mend = "Have the listed images read again, by someone who does not see the label; correct what is wrong, and remove nothing unread."
    return Finding("noise", "data", Severity.LOW, False, loud, effect, evidence=evidence, remedy=mend)
