"""How much more data would help: the score on validation against the share of the training components that is learnt from."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from overread.learners.network.task import Task
from overread.learners.probe.choose import choose, divide, solve
from overread.learners.probe.options import Options
from overread.learners.probe.rows import Rows
from overread.learners.probe.solver import Choice, Logits, Solver

SHARES = (0.05, 0.1, 0.25, 0.5)

DRAWS = 5
"""Draws of components; within one, a larger share holds the smaller one."""


def few_shot(rows: Rows, val: Rows, solver: Solver, options: Options, chosen: Choice, task: Task, seed: int) -> Iterator[dict[str, Any]]:
    """Solve on parts of the training components, whole and stratified, each class keeping one at least.

    The strength is chosen anew within each part where its components suffice for folds, and is that of all rows otherwise.

    Yields
    ------
    {share, draw, components, images, strength, auroc}
        `auroc` on the validation rows, macro over classes.
    """
    for draw in range(DRAWS):
        order = _order(rows, np.random.default_rng([seed, draw]))
        for share in SHARES:
            few = rows.take(np.flatnonzero(np.isin(rows.components, _first(order, share))))
            if len(np.unique(few.codes)) < rows.classes:  # a class that only ever comes with another one
                continue
            few = few.balanced() if options.balance == "weights" else few
            folds = divide(few, options.folds, seed)
            choice = choose(few, solver, folds, options.scale) if folds else Choice({}, chosen.strength)
            solved = solve(few, solver, choice, options.scale)
            yield told(few, share, draw, choice.strength, auroc(solved.logits(val.features), val, task))


def auroc(said: Logits, val: Rows, task: Task) -> float:
    """Macro AUROC, one class against the rest, of logits of the validation rows."""
    return task.scores(torch.from_numpy(said).float(), torch.from_numpy(val.codes), torch.ones(val.classes))["auroc"]


def told(rows: Rows, share: float, draw: int, strength: float, area: float) -> dict[str, Any]:
    """An entry of the curve."""
    return {
        "share": share,
        "draw": draw,
        "components": len(np.unique(rows.components)),
        "images": len(rows),
        "strength": strength,
        "auroc": round(area, 6),
    }


def _order(rows: Rows, draw: np.random.Generator) -> list[NDArray[np.object_]]:
    """For each class, its components in a drawn order; one of several classes belongs to the rarest."""
    rarity = np.bincount(rows.codes, minlength=rows.classes)
    by_rarity = np.argsort(rarity[rows.codes], kind="stable")
    components, first = np.unique(rows.components[by_rarity], return_index=True)
    own = rows.codes[by_rarity][first]
    return [draw.permutation(components[own == code]) for code in range(rows.classes)]


def _first(order: list[NDArray[np.object_]], share: float) -> NDArray[np.object_]:
    return np.concatenate([each[: max(1, round(share * len(each)))] for each in order])
