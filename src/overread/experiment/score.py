"""From judged predictions to everything a folder says of them: metrics, figures, the covariate baseline, the worst mistakes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from overread.catalog import Catalog, Target
from overread.evaluation.calibration import on_calibration
from overread.evaluation.covariates import covariate_baseline
from overread.evaluation.decision import Decision
from overread.evaluation.evaluate import evaluate
from overread.evaluation.figures import draw
from overread.experiment.mistakes import draw_mistakes
from overread.findings import Finding
from overread.imaging.fit import Fitting
from overread.progress import note
from overread.recipe import Evaluation
from overread.run import write_json


@dataclass(frozen=True)
class Scores:
    """What was made of predictions: `metrics` as in metrics.json, a line a target for a person, findings."""

    metrics: dict[str, Any]
    words: list[str]
    findings: list[Finding]


def score(
    folder: Path,
    predictions: pd.DataFrame,
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
    predictions : judged
    decisions : split to target to what judged it; nothing for a split whose folds each had their own
    catalog : the rows' components, covariates and files
    grade : what the split protects against
    fitting : how pictures of mistakes are made; None where there are no pictures
    main : the split that figures, baseline and mistakes are of
    """
    note("evaluating: intervals from a bootstrap over components")
    frame = catalog.frame.set_index("row")
    clusters, declared = frame["component"], frame[catalog.covariates]
    figures_of = partial(evaluate, grade=grade, prevalence=plan.prevalence, draws=plan.draws, seed=seed)
    metrics: dict[str, Any] = {split: {} for split in dict.fromkeys(predictions["split"])}
    for split in metrics:
        rows = predictions[predictions["split"] == split]
        for name, target in catalog.targets.items():
            decision = decisions.get(split, {}).get(name)
            metrics[split][name] = figures_of(rows, name, target, clusters, decision=decision, covariates=declared)
            if "fold" in rows:
                metrics[split][name]["folds"] = [
                    {
                        "repeat": int(part["repeat"].iloc[0]),
                        "fold": int(part["fold"].iloc[0]),
                        **figures_of(part, name, target, clusters, decision=None, covariates=None),
                    }
                    for _, part in rows.groupby(["repeat", "fold"])
                ]
    scored = predictions[predictions["split"] == main]
    baselines, findings = {}, []
    for name in catalog.targets:
        baselines[name], found = covariate_baseline(catalog, name, scored, draws=plan.draws, seed=seed)
        findings += [*found, *on_calibration(metrics[main][name], name)]
    (folder / "figures").mkdir(exist_ok=True)
    figures = [
        {**figure, "target": name}
        for name, target in catalog.targets.items()
        for figure in draw(scored, name, target, decisions.get(main, {}).get(name), clusters, folder / "figures")
    ]
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "covariates.json", baselines)
    write_json(folder / "figures.json", figures)
    write_json(folder / "mistakes.json", draw_mistakes(scored, catalog, folder, fitting) if fitting else [])
    return Scores(metrics, _words(metrics[main], catalog.targets, main), findings)


def _words(entries: Mapping[str, Any], targets: Mapping[str, Target], split: str) -> list[str]:
    """A line a target: its figures with intervals."""
    lines = []
    for name, target in targets.items():
        entry = entries[name]
        shown = ("auroc", "sensitivity", "specificity") if target.kind == "binary" else ("auroc", "balanced_accuracy", "accuracy")
        figures = ", ".join(f"{metric.replace('_', ' ')} {_figure(entry['metrics'][metric])}" for metric in shown)
        of = f"{entry['n']:,} images in {entry['clusters']:,} component{'s' * (entry['clusters'] != 1)}"
        lines.append(f"{name}, {split}: {figures}; {of}; {entry['grade']}")
    return lines


def _figure(entry: Mapping[str, Any]) -> str:
    if entry["value"] is None:
        return "not defined"
    if entry["low"] is None:
        return f"{entry['value']:.3f} (no interval)"
    return f"{entry['value']:.3f} ({entry['low']:.3f} to {entry['high']:.3f})"
