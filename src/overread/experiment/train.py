"""Train: from sources to a run folder whose number can be believed."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from overread.backbones.machine import threads
from overread.catalog import Catalog, Target
from overread.datasets.base import read
from overread.duplicates.links import none
from overread.errors import UserError
from overread.evaluation.figures.course import draw_course
from overread.experiment.answers.judge import foresee
from overread.experiment.answers.reading import Judged, Reading, fit_reading, together
from overread.experiment.answers.units import check_unit
from overread.experiment.output import write_table
from overread.experiment.result import Result
from overread.experiment.rows.divide import Division, announce, divide
from overread.experiment.rows.gather import fingerprint, near_copies, rejections, scan_all
from overread.experiment.scoring.heat import draw_heat
from overread.experiment.scoring.score import score
from overread.experiment.training.costs import Costs
from overread.experiment.training.resume import begin, foreseen, scored_before
from overread.experiment.training.started import on_start, trunk_of
from overread.explanation.layers import find
from overread.findings import write as write_findings
from overread.imaging.fit import Fitting
from overread.learners.base import Answering, Model
from overread.partition import check_plan
from overread.progress import note
from overread.recipe import Recipe
from overread.registry import LEARNERS
from overread.report.render import render
from overread.run import Run, environment, write_json


@dataclass(frozen=True)
class Learnt:
    """What training hands on.

    Attributes
    ----------
    catalog : split, asking what the model answers; with folds, the split of the model that is kept
    model, reading : what is kept: what answers, and what makes judged cases of its answers
    judged : of rows that their model did not learn from
    """

    catalog: Catalog
    model: Model
    reading: Reading
    judged: Judged


def train(recipe: Recipe, out: Path, resume: bool = False) -> Result:
    """Train by a recipe, evaluate, and write a run folder with its report.

    Parameters
    ----------
    recipe : Recipe
        Checked; its `data` names the sources.
    out : Path
        The run folder to make; must not hold anything yet.
    resume : bool
        Go on with the run in `out` that was interrupted, to the metrics it would have had; where nothing was begun, begin.

    Returns
    -------
    Result
        `content` is the folder, the report and the test metrics.

    Raises
    ------
    UserError
        Whatever the user can mend: in the sources, the split, the weights or the output; on going on, that the run is done, or that the
        recipe or the data are others.
    """
    if not recipe.data:
        raise UserError("no data", "--data", "name a source, e.g. --data table:films.csv?label=diagnosis")
    if not recipe.learner:
        raise UserError("the recipe names no learner", "learner", "name one, e.g. --set learner.kind=finetune")
    with (Run.resume if resume else Run.make)(out, recipe) as run:
        given, trunk = read(recipe.data), trunk_of(recipe)  # what is wrong with these is said before images are read
        check_plan(given, recipe.split)
        answered = _answered(given, recipe)
        check_unit(given, recipe.evaluation, answered)
        fitting = Fitting.of(recipe.image, trunk.preprocess.size)
        if recipe.explain.layer:
            find(trunk, fitting.size, recipe.explain.layer)
        found, rejected = scan_all(given, fitting, recipe.runtime)
        rejected.to_csv(run.folder / "rejected.csv", index=False)
        begin(run, found, environment(recipe.seed, _device(), threads(recipe.runtime), {}))
        links = near_copies(found, recipe.runtime, fitting.view) if recipe.split.near_copies else none()
        write_table(links, run.folder / "links.csv")
        made = divide(found, links, rejected, recipe, fitting)
        announce(run, made, answered)
        costs = Costs()
        learnt = (_cross_validate if made.every else _hold_out)(made, recipe, run, costs)
        before = foreseen(run)
        _keep(run, learnt)
        resumed = run.json("environment.json", "resumed")
        write_json(run.folder / "environment.json", {**_environment(recipe, learnt), "resumed": resumed})
        costs.write(run, resumed=bool(resumed))
        if not scored_before(run, before):
            run.count_test_read()
        scores = score(
            run.folder,
            learnt.judged,
            learnt.catalog,
            {} if made.every else dict.fromkeys(("val", "test"), learnt.reading.decisions),
            recipe.evaluation,
            recipe.seed,
            grade=made.grade,
            fitting=fitting,
        )
        started = on_start(recipe, learnt.catalog, learnt.catalog.frame["row"].isin(learnt.judged.only("test").images["row"]))
        findings = [*made.findings, *started, *rejections(rejected), *scores.findings]
        write_findings(findings, run.folder / "findings.json")
        draw_heat(learnt.model, learnt.judged.only("test").images, learnt.catalog, run.folder, recipe.explain)
        report = render(run.folder)
    return Result(
        content={"run": str(out), "report": str(report), "metrics": scores.metrics},
        words=[*scores.words, f"report: {report}"],
        findings=findings,
    )


def _hold_out(made: Division, recipe: Recipe, run: Run, costs: Costs) -> Learnt:
    """One split: learn on train and val, predict val and test."""
    with costs.fitting():
        model = _fit(made.catalog, recipe, run, recipe.seed)
    catalog = made.catalog.asking(*model.targets)
    predictions = _predict(model, catalog, costs)
    reading = fit_reading(predictions, catalog, recipe.evaluation)
    return Learnt(catalog, model, reading, reading.judge(predictions, catalog))


def _cross_validate(made: Division, recipe: Recipe, run: Run, costs: Costs) -> Learnt:
    """Several splits: every row is predicted by a model that did not see its component; then one model is made of all rows.

    Each fold has its own pool, calibration and threshold, from its own validation part; the figures are of all test parts together.
    """
    parts = []
    for number, fold in enumerate(made.every):
        note(f"{fold.name}: {', '.join(f'{len(fold.catalog.part(part)):,} {part}' for part in ('train', 'val', 'test'))}")
        with costs.fitting():
            model = _fit(fold.catalog, recipe, run, recipe.seed + 1 + number, repeat=fold.repeat, fold=fold.fold)
        within = fold.catalog.asking(*model.targets)
        seen = _predict(model, within, costs)
        judged = fit_reading(seen, within, recipe.evaluation).judge(seen, within)
        parts.append(judged.only("test").assign(repeat=fold.repeat, fold=fold.fold))
    note("the model that is kept: fitted once more, on all components")
    with costs.fitting():
        model = _fit(made.catalog, recipe, run, recipe.seed)
    catalog = made.catalog.asking(*model.targets)
    return Learnt(catalog, model, fit_reading(foresee(model, catalog, "val"), catalog, recipe.evaluation), together(parts))


def _answered(given: Catalog, recipe: Recipe) -> dict[str, Target]:
    """The targets that the recipe's learner will answer: its own, or all of the data's."""
    options = LEARNERS.get(recipe.learner["kind"]).Options.model_validate(recipe.learner)
    names = options.answers(list(given.targets)) if isinstance(options, Answering) else recipe.learner.get("targets", given.targets)
    return {name: given.targets[name] for name in names if name in given.targets}


def _fit(catalog: Catalog, recipe: Recipe, run: Run, seed: int, **where: int) -> Model:
    model: Model = LEARNERS.get(recipe.learner["kind"]).fit(catalog, recipe, run.workspace(**where), seed)
    return model


def _predict(model: Model, catalog: Catalog, costs: Costs) -> pd.DataFrame:
    """Val rows, then test rows, of which the clock is read."""
    val = foresee(model, catalog, "val")
    with costs.predicting(len(catalog.part("test"))):
        test = foresee(model, catalog, "test")
    return pd.concat([val, test], ignore_index=True)


def _keep(run: Run, learnt: Learnt) -> None:
    """Write what was learnt and what it says of the rows it did not see."""
    learnt.model.save(run.folder / "model")
    write_json(run.folder / "model" / "decision.json", {name: decision.to_dict() for name, decision in learnt.reading.images.items()})
    learnt.catalog.save(run.folder / "catalog.parquet")
    learnt.judged.write(run.folder)
    if learnt.judged.units is not None:
        write_json(run.folder / "model" / "unit.json", learnt.reading.to_dict())
    (run.folder / "figures").mkdir(exist_ok=True)
    draw_course(run.log, run.folder / "figures")


def _device() -> str:
    """The kind of device that networks will be on."""
    return torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"  # type: ignore[union-attr]


def _environment(recipe: Recipe, learnt: Learnt) -> dict[str, object]:
    first = next(iter(learnt.model.networks().values()), None)  # all are on one device, and a cascade's are read when they are asked for
    devices = {parameter.device.type for parameter in first.parameters()} if first is not None else set()
    hashes = {"data": fingerprint(learnt.catalog), **learnt.model.weights}
    return environment(recipe.seed, ", ".join(sorted(devices)) or _device(), threads(recipe.runtime), hashes)
