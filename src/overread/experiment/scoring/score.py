"""From judged predictions to everything a folder says of them: metrics, figures, the covariate baseline, the worst mistakes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from overread.catalog import Catalog, Target
from overread.evaluation.calibration import on_calibration
from overread.evaluation.covariates import covariate_baseline
from overread.evaluation.decision import Decision
from overread.evaluation.evaluate import evaluate
from overread.evaluation.figures.draw import draw
from overread.experiment.answers.reading import Judged
from overread.experiment.answers.units import counted, on_units
from overread.experiment.scoring.mistakes import draw_mistakes
from overread.experiment.scoring.routing import score_routing
from overread.findings import Finding
from overread.imaging.fit import Fitting
from overread.progress import note
from overread.recipe import Evaluation
from overread.report.show import counted as count
from overread.report.show import plural
from overread.run import write_json


@dataclass(frozen=True)
class Scores:
    """What was made of predictions: `metrics` as in metrics.json, a line a target for a person, findings."""

    metrics: dict[str, Any]
    words: list[str]
    findings: list[Finding]


def score(
    folder: Path,
    judged: Judged,
    catalog: Catalog,
    decisions: Mapping[str, Mapping[str, Decision]],
    plan: Evaluation,
    seed: int,
    *,
    grade: str,
    fitting: Fitting | None,
    main: str = "test",
) -> Scores:
    """Evaluate every split of the predictions and write metrics.json, covariates.json, figures.json and mistakes.json.

    Parameters
    ----------
    folder : the run folder, or one of an external evaluation
    judged : images and, where `plan.unit` is another, units, which are what is counted everywhere below
    decisions : split to target to what judged it; nothing for a split whose folds each had their own
    catalog : the rows' components, covariates and files
    grade : what the split protects against
    fitting : how pictures of mistakes are made; None where there are no pictures
    main : the split that figures, baseline and mistakes are of
    """
    note("evaluating: intervals from a bootstrap over components")
    unit = plan.unit
    frame = catalog.frame.set_index("row")
    clusters = frame["component"]
    figures_of = partial(evaluate, grade=grade, prevalence=plan.prevalence, draws=plan.draws, seed=seed, unit=unit)
    metrics: dict[str, Any] = {split: {} for split in dict.fromkeys(judged.cases["split"])}
    for split in metrics:
        part = judged.only(split)
        images = None if part.units is None else part.images
        for name, target in catalog.targets.items():
            decision, declared = decisions.get(split, {}).get(name), frame[_covariates(catalog, name)]
            metrics[split][name] = figures_of(part.cases, name, target, clusters, decision=decision, covariates=declared, images=images)
            if "fold" in part.cases:
                metrics[split][name]["folds"] = [
                    {
                        "repeat": int(fold["repeat"].iloc[0]),
                        "fold": int(fold["fold"].iloc[0]),
                        **figures_of(fold, name, target, clusters, decision=None, covariates=None),
                    }
                    for _, fold in part.cases.groupby(["repeat", "fold"])
                ]
    scored, cases = judged.only(main), counted(catalog, unit)
    baselines, findings = {}, on_units(catalog, unit)
    for name in catalog.targets:
        asked = replace(cases, covariates=_covariates(catalog, name))
        told, found = covariate_baseline(asked, name, scored.cases, draws=plan.draws, seed=seed)
        baselines[name] = {"unit": unit, **told}
        findings += [*found, *on_calibration(metrics[main][name], name)]
    (folder / "figures").mkdir(exist_ok=True)
    figures = [
        {**figure, "target": name}
        for name, target in catalog.targets.items()
        for figure in draw(scored.cases, name, target, decisions.get(main, {}).get(name), clusters, folder / "figures", plural(unit))
    ]
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "covariates.json", baselines)
    write_json(folder / "figures.json", figures)
    write_json(folder / "mistakes.json", draw_mistakes(scored, catalog, folder, fitting, unit) if fitting else [])
    routed, about_routing = score_routing(folder, judged.cases, catalog, plan, seed)
    return Scores(metrics, [*_words(metrics[main], catalog.targets, main), *routed], [*findings, *about_routing])


def _covariates(catalog: Catalog, name: str) -> list[str]:
    """The declared covariates but for the question itself, which one may be where others are asked, too."""
    return [covariate for covariate in catalog.covariates if covariate != name]


def _words(entries: Mapping[str, Any], targets: Mapping[str, Target], split: str) -> list[str]:
    """A line a target: its figures with intervals."""
    lines = []
    for name, target in targets.items():
        entry = entries[name]
        shown = ["auroc", "sensitivity", "specificity"] if target.kind == "binary" else ["auroc", "balanced_accuracy", "accuracy"]
        shown += ["kappa"] * (entry["unit"] != "image")
        figures = ", ".join(f"{metric.replace('_', ' ')} {_figure(entry['metrics'][metric])}" for metric in shown)
        of = f"{count(entry['n'], entry['unit'])} in {count(entry['clusters'], 'component')}"
        lines.append(f"{name}, {split}: {figures}; {of}; {entry['grade']}")
    return lines


def _figure(entry: Mapping[str, Any]) -> str:
    if entry["value"] is None:
        return "not defined"
    if entry["low"] is None:
        return f"{entry['value']:.3f} (no interval)"
    return f"{entry['value']:.3f} ({entry['low']:.3f} to {entry['high']:.3f})"
