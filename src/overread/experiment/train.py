"""Train: from sources to a run folder whose number can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from overread.backbones.create import create
from overread.catalog import Catalog
from overread.datasets.base import read
from overread.errors import UserError
from overread.evaluation.decision import Decision
from overread.evaluation.panels import training_curves
from overread.experiment.gather import cores, fingerprint, rejections, scan_all
from overread.experiment.heat import draw_heat
from overread.experiment.judge import fit_decisions, foresee, judge
from overread.experiment.result import Result
from overread.experiment.resume import begin, foreseen, scored_before
from overread.experiment.score import score
from overread.explanation.layers import find
from overread.findings import Finding, Severity
from overread.findings import write as write_findings
from overread.imaging.fit import Fitting
from overread.learners.base import Model
from overread.partition import folds, grade, on_published, partition, prepare, protection, refit, sample_size
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
    catalog : split; with folds, the split of the model that is kept
    findings : on the split
    grade : what the split protects against
    model, decisions : what is kept
    predictions : judged, of rows that their model did not learn from
    """

    catalog: Catalog
    findings: list[Finding]
    grade: str
    model: Model
    decisions: dict[str, Decision]
    predictions: pd.DataFrame


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
        given, trunk = read(recipe.data), create(recipe.backbone, recipe.image)  # what is wrong with these is said before images are read
        fitting = Fitting.of(recipe.image, trunk.preprocess.size)
        if recipe.explain.layer:
            find(trunk, fitting.size, recipe.explain.layer)
        found, rejected = scan_all(given, fitting, recipe.runtime)
        rejected.to_csv(run.folder / "rejected.csv", index=False)
        begin(run, found, environment(recipe.seed, _device(), cores(recipe.runtime), {}))
        learnt = (_cross_validate if _several(recipe) else _hold_out)(found, recipe, run)
        before = foreseen(run)
        _keep(run, learnt)
        write_json(run.folder / "environment.json", {**_environment(recipe, learnt), "resumed": run.json("environment.json", "resumed")})
        if not scored_before(run, before):
            run.count_test_read()
        scores = score(
            run.folder,
            learnt.predictions,
            learnt.catalog,
            {} if _several(recipe) else dict.fromkeys(("val", "test"), learnt.decisions),
            recipe.evaluation,
            recipe.seed,
            grade=learnt.grade,
            fitting=fitting,
        )
        findings = [*learnt.findings, *rejections(rejected), *scores.findings]
        write_findings(findings, run.folder / "findings.json")
        tested = learnt.predictions[learnt.predictions["split"] == "test"]
        draw_heat(learnt.model, tested, learnt.catalog, run.folder, recipe.explain)
        report = render(run.folder)
    return Result(
        content={"run": str(out), "report": str(report), "metrics": scores.metrics},
        words=[*scores.words, f"report: {report}"],
        findings=findings,
    )


def _several(recipe: Recipe) -> bool:
    return bool(recipe.split.folds or recipe.split.leave_site_out)


def _hold_out(found: Catalog, recipe: Recipe, run: Run) -> Learnt:
    """One split: learn on train and val, predict val and test."""
    catalog, findings = partition(found, recipe.split, recipe.seed)
    protects = grade(catalog)
    way = "the published split" if recipe.split.published else "one fresh split by component"
    leak = next((f.effect.value for f in findings if f.severity is Severity.LEAK and f.effect), None)
    _announce(run, catalog, ("test",), protects, way, leak)
    model = _fit(catalog, recipe, run, recipe.seed)
    predictions = foresee(model, catalog, "val", "test")
    decisions = fit_decisions(predictions, catalog.targets, recipe.evaluation)
    return Learnt(catalog, findings, protects, model, decisions, judge(predictions, catalog.targets, decisions))


def _cross_validate(found: Catalog, recipe: Recipe, run: Run) -> Learnt:
    """Several splits: every row is predicted by a model that did not see its component; then one model is made of all rows.

    Each fold has its own calibration and threshold, from its own validation part; the figures are of the pooled test parts.
    """
    plan = recipe.split
    catalog, every = refit(found, plan, recipe.seed), list(folds(found, plan, recipe.seed))
    protects = grade(every[0].catalog)
    again = f", {plan.repeats} times" if plan.repeats > 1 else ""
    way = "leave one site out" if plan.leave_site_out else f"{plan.folds}-fold cross-validation by component{again}"
    _announce(run, catalog, ("train", "val"), protects, way, names=[fold.name for fold in every])
    pooled = []
    for number, fold in enumerate(every):
        note(f"{fold.name}: {', '.join(f'{len(fold.catalog.part(part)):,} {part}' for part in ('train', 'val', 'test'))}")
        model = _fit(fold.catalog, recipe, run, recipe.seed + 1 + number, repeat=fold.repeat, fold=fold.fold)
        seen = foresee(model, fold.catalog, "val", "test")
        judged = judge(seen, found.targets, fit_decisions(seen, found.targets, recipe.evaluation))
        pooled.append(judged[judged["split"] == "test"].assign(repeat=fold.repeat, fold=fold.fold))
    note("the model that is kept: fitted once more, on all components")
    model = _fit(catalog, recipe, run, recipe.seed)
    decisions = fit_decisions(foresee(model, catalog, "val"), catalog.targets, recipe.evaluation)
    return Learnt(catalog, [*prepare(found).findings, *on_published(catalog, plan)], protects, model, decisions, pd.concat(pooled, ignore_index=True))


def _fit(catalog: Catalog, recipe: Recipe, run: Run, seed: int, **where: int) -> Model:
    model: Model = LEARNERS.get(recipe.learner["kind"]).fit(catalog, recipe, run.workspace(**where), seed)
    return model


def _announce(
    run: Run, catalog: Catalog, scored: tuple[str, ...], protects: str, way: str, leak: float | None = None, names: Sequence[str] = ()
) -> None:
    """Say, before training, how rows were divided, what that protects against, and how sure the figure can be."""
    planned = sample_size(catalog, scored)
    alike = catalog.frame["why"].str.replace(r"row [^,\s]+", "another row", regex=True).str.replace(r"of \d+ rows", "of several rows", regex=True)
    counts = alike.value_counts()
    write_json(run.folder / "sample_size.json", planned)
    against, beyond = protection(protects, run.recipe.split.leave_site_out)
    told = {"way": way, "grade": protects, "protects": against, "not_protects": beyond, "leaked_share": leak, "folds": list(names)}
    write_json(run.folder / "split.json", {**told, "why_counts": counts.to_dict()})
    for sentence in planned["sentences"]:
        note(sentence)


def _keep(run: Run, learnt: Learnt) -> None:
    """Write what was learnt and what it says of the rows it did not see."""
    learnt.model.save(run.folder / "model")
    write_json(run.folder / "model" / "decision.json", {name: decision.to_dict() for name, decision in learnt.decisions.items()})
    learnt.catalog.save(run.folder / "catalog.parquet")
    learnt.predictions.to_parquet(run.folder / "predictions.parquet", index=False)
    (run.folder / "figures").mkdir(exist_ok=True)
    training_curves(run.log, run.folder / "figures" / "training.svg")


def _device() -> str:
    """The kind of device that networks will be on."""
    return torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"  # type: ignore[union-attr]


def _environment(recipe: Recipe, learnt: Learnt) -> dict[str, object]:
    devices = {parameter.device.type for network in learnt.model.networks().values() for parameter in network.parameters()}
    hashes = {"data": fingerprint(learnt.catalog), **learnt.model.weights}
    return environment(recipe.seed, ", ".join(sorted(devices)), cores(recipe.runtime), hashes)
