"""From a split catalog and a recipe to a probe: features once, a strength by folds of train, a head by solving."""

from dataclasses import dataclass
from functools import partial

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from overread.backbones.create import Trunk, create
from overread.catalog import Catalog
from overread.errors import UserError
from overread.features.embed import Embedding
from overread.imaging.fit import Fitting
from overread.learners.network.task import Task
from overread.learners.probe.choose import choose, divide, solve
from overread.learners.probe.engine import Effect, effect
from overread.learners.probe.features import lasting, read
from overread.learners.probe.few_shot import SHARES, auroc, few_shot, told
from overread.learners.probe.knn import Knn, Neighbours
from overread.learners.probe.logreg import LogReg
from overread.learners.probe.mlp import Mlp
from overread.learners.probe.model import ProbeModel
from overread.learners.probe.options import Options
from overread.learners.probe.pour import pour
from overread.learners.probe.rows import Rows, check_classes, gather, labelled
from overread.learners.probe.scored import ScoredModel
from overread.learners.probe.solver import Choice, Layers, Solved, Solver
from overread.learners.probe.svm import Svm
from overread.learners.probe.trees import Trees
from overread.progress import note, track
from overread.recipe import Recipe, Runtime
from overread.run import Workspace


@dataclass(frozen=True)
class Fitted:
    """A head and how it came about."""

    rows: Rows
    choice: Choice
    solved: Solved
    seen: Embedding
    effect: Effect


def fit(catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int) -> ProbeModel | ScoredModel:
    """Solve a head on the recipe's backbone, by the train rows alone; the val rows serve the few-shot curve, calibration and threshold.

    Rows without a label, and those whose pixels repeat another's, take no part.

    Raises
    ------
    UserError
        No usable row in train or val, a class with fewer than two components, constant or broken features, a library that is not
        installed, a size the backbone cannot take, or weights that cannot be had.
    """
    options = Options.model_validate(recipe.learner)
    task = Task.of(catalog, options.target)
    solver = _solver(options, recipe.runtime, seed)
    train, val = (labelled(catalog, task, split) for split in ("train", "val"))
    check_classes(train, task)
    with torch.random.fork_rng(), threadpool_limits(recipe.runtime.threads):
        torch.manual_seed(seed)
        trunk, runtime = create(recipe.backbone, recipe.image), recipe.runtime
        fitting = Fitting.of(recipe.image, trunk.preprocess.size)
        learn = partial(_learn, train, task, trunk, fitting, solver, options, seed)
        fitted = learn(runtime)
        if fitted.effect.too_much and runtime.precision != "fp32":
            note(f"bfloat16 moves probabilities by {fitted.effect.mean:.3f} on average, {fitted.effect.largest:.3f} at most: again in float32")
            workspace.log(event="features", networks=fitted.seen.told)
            runtime = runtime.model_copy(update={"precision": "fp32"})
            fitted = learn(runtime)
        _tell(fitted, workspace)
        if options.few_shot and not workspace.where:
            seen = gather(val, task, read(trunk, val, fitting, runtime, "features of val").features)
            _curve(fitted, seen, solver, options, task, seed, workspace)
    solved = {
        "head": options.head,
        "scale": options.scale,
        "strength": fitted.choice.strength,
        "held_out_loss": round(fitted.choice.losses[fitted.choice.strength], 6),
    }
    differences = {"largest_difference": round(fitted.effect.largest, 6), "mean_difference": round(fitted.effect.mean, 6)}
    notes = {"solved": solved, "engine": {"networks": lasting(fitted.seen), **differences}}
    if isinstance(fitted.solved.head, Layers):
        classifier, head = pour(fitted.solved.head.folded(fitted.solved.scaling), trunk, task)
        return ProbeModel(classifier, head, task, fitting, runtime, notes=notes)
    return ScoredModel(trunk.eval(), options.head, fitted.solved.scaling, fitted.solved.head, task, fitting, runtime, notes)


def _solver(options: Options, runtime: Runtime, seed: int) -> Solver:
    """The head that is asked for; what it needs and is not installed is said here, before any picture is read."""
    if options.head == "logreg":
        return LogReg(options.grid)
    if options.head == "svm":
        return Svm(options.grid)
    if options.head == "mlp":
        return Mlp(options.grid, options.hidden, seed)
    return Trees(options.grid, runtime.threads, seed) if options.head == "xgboost" else Knn(options.grid)


def _learn(train: Catalog, task: Task, trunk: Trunk, fitting: Fitting, solver: Solver, options: Options, seed: int, runtime: Runtime) -> Fitted:
    """Read, choose and solve."""
    seen = read(trunk, train, fitting, runtime, "features of train")
    rows = gather(train, task, seen.features)
    rows = rows.balanced() if options.balance == "weights" else rows
    folds = divide(rows, options.folds, seed)
    if folds is None:
        raise UserError(
            "train cannot be cut into parts of whole components that have every class",
            f"target {task.name}",
            "merge the rarest class with one like it (?merge=new:old|old), or add patients",
        )
    choice = choose(rows, solver, track(folds, f"choosing among {len(solver.strengths)} strengths", len(folds)), options.scale)
    solved = solve(rows, solver, choice, options.scale)
    return Fitted(rows, choice, solved, seen, effect(solved, seen))


def _tell(fitted: Fitted, workspace: Workspace) -> None:
    """Into the log: what each strength was worth, and a word where the best one stands at an end."""
    workspace.log(event="features", networks=fitted.seen.told)
    losses, best = fitted.choice.losses, fitted.choice.strength
    for strength, loss in losses.items():
        workspace.log(event="strength", strength=strength, held_out_loss=round(loss, 6), chosen=strength == best)
    note(f"of {len(losses)} strengths, {best:g} has the smallest log loss on held-out components of train: {losses[best]:.4f}")
    spent = isinstance(fitted.solved.head, Neighbours) and not 1 < best < len(fitted.rows)  # fewer than one are not asked, nor more than all
    if len(losses) > 2 and best in (min(losses), max(losses)) and not spent:
        note(f"{best:g} stands at an end of the strengths that were tried: learner.strengths may go further")


def _curve(fitted: Fitted, val: Rows, solver: Solver, options: Options, task: Task, seed: int, workspace: Workspace) -> None:
    """Into the log: the score against the share of the training components."""
    parts = few_shot(fitted.rows, val, solver, options, fitted.choice, task, seed)
    for entry in track(parts, f"learning from {', '.join(f'{share:.0%}' for share in SHARES)} of train"):
        workspace.log(event="few-shot", **entry)
    whole = auroc(fitted.solved.logits(val.features), val, task)
    workspace.log(event="few-shot", **told(fitted.rows, 1.0, 0, fitted.choice.strength, whole))
