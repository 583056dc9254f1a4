"""Which strength: the one whose log loss on held-out components of train is the smallest."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from overread.learners.probe.rows import Rows
from overread.learners.probe.scaling import Scale, Scaling
from overread.learners.probe.solver import Choice, Logits, Solved, Solver

TRIES = 10
"""Draws of the folds before it is given up to have every class in all that is learnt from."""

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def choose(rows: Rows, solver: Solver, folds: Iterable[Fold], scale: Scale) -> Choice:
    """Try every strength on every fold, each scaled by what is learnt from, and pool what is said of the rows that are held out."""
    said = np.empty((len(solver.strengths), len(rows), rows.outputs))
    for seen, held in folds:
        scaling = Scaling.fit(rows.features[seen], scale)
        learnt = rows.take(seen)
        said[:, held] = solver.path(learnt.seen_as(scaling.apply(learnt.features)), scaling.apply(rows.features[held]))
    losses = [log_loss(solver.linked(one, rows), rows) for one in said]
    best = int(np.argmin(losses))
    return Choice(dict(zip(solver.strengths, losses, strict=True)), solver.strengths[best], said[best])


def solve(rows: Rows, solver: Solver, choice: Choice, scale: Scale) -> Solved:
    """The head with the chosen strength, on all rows."""
    scaling = Scaling.fit(rows.features, scale)
    return Solved(scaling, solver.solve(rows.seen_as(scaling.apply(rows.features)), choice.strength, choice.said))


def divide(rows: Rows, folds: int, seed: int) -> list[Fold] | None:
    """Folds of whole components, classes in like shares, every class in each part that is learnt from.

    Fewer folds where a class has fewer components than folds; None where no such folds are found.
    """
    fewest = min(len(np.unique(rows.components[rows.codes == code])) for code in range(rows.classes))
    if fewest < 2:
        return None
    single = len(np.unique(rows.components)) == len(rows)
    for attempt in range(TRIES):
        cut = (StratifiedKFold if single else StratifiedGroupKFold)(min(folds, fewest), shuffle=True, random_state=seed + attempt)
        made: list[Fold] = list(cut.split(np.zeros(len(rows)), rows.codes, None if single else rows.components))
        if all(len(np.unique(rows.codes[seen])) == rows.classes and len(held) for seen, held in made):
            return made
    return None


def log_loss(logits: Logits, rows: Rows) -> float:
    """Mean cross-entropy, weighted as the rows are."""
    if rows.outputs == 1:
        each = np.logaddexp(0, np.where(rows.codes == 1, -logits[:, 0], logits[:, 0]))
    else:
        each = logsumexp(logits, axis=1) - np.take_along_axis(logits, rows.codes[:, None], axis=1)[:, 0]
    return float(np.average(each, weights=rows.weights))
