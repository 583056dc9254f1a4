"""Compare: finished runs on the same rows as one table, with what the rows can tell of their differences; a folder with one page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from overread.catalog import Target
from overread.errors import UserError, nearest
from overread.evaluation.comparison.compare import compare as pair_up
from overread.evaluation.comparison.curves import rocs
from overread.evaluation.comparison.subgroups import EITHER, subgroups
from overread.evaluation.figures.draw import slug
from overread.evaluation.metrics import metrics as all_metrics
from overread.experiment.comparable import Entrant, check_alike, common_covariates, left_out, remarks, scored, shared
from overread.experiment.output import write_table
from overread.experiment.result import Result
from overread.findings import write as write_findings
from overread.progress import note
from overread.recipe import Evaluation
from overread.report.compare import SHOWN, by_group, render_comparison, verdict, words
from overread.report.show import plural
from overread.run import Run, write_json

ALIASES = {"auc": "auroc", "auprc": "average_precision"}
"""Other names of figures in the field."""


def compare(runs: Sequence[Path], out: Path, metrics: Sequence[str] = (), not_run: Mapping[str, str] | None = None) -> Result:
    """Compare finished runs and write a folder with one page.

    Parameters
    ----------
    runs : sequence of Path
        Folders that a training or an evaluation wrote: two or more, scored on the same rows.
    out : Path
        The folder to make: `report.html`, `comparison.json` (all figures, all differences), `comparison.csv` (a row a model),
        `differences.csv` (a row a pair and figure), `subgroups.csv` (a row a level, model and figure; where a covariate is declared),
        `figures/`, `findings.json`, `status.json`.
    metrics : sequence of str
        Figures that the table shows beside the usual ones, by their names in `metrics.json`; ``all`` for all. Of studies and patients
        Cohen's kappa is a usual one.
    not_run : mapping of str to str, optional
        Models that belong here and could not be run, with the reason; the table has a row for each.

    Returns
    -------
    Result
        `content` is the folder, the page and what `comparison.json` says; findings are the leaks that the runs themselves found.

    Raises
    ------
    UserError
        Fewer than two runs, one that is not done, other test rows, targets or classes, or an unknown figure.
    """
    if len(runs) < 2:
        raise UserError("one run alone", "overread compare", "name two runs or more")
    entrants = [Entrant.open(folder, name) for folder, name in zip(runs, names(runs), strict=True)]
    check_alike(entrants)
    targets = shared(entrants)
    asked = _asked(metrics, {name for target in targets.values() for name in all_metrics(target.kind)})
    if entrants[0].unit != "image":
        asked = ["kappa", *asked]  # which readings of studies are compared by
    with Run.make(out) as place:
        note(f"comparing {len(entrants)} models: a paired bootstrap over components")
        leaks = {entrant.name: [finding.sentence for finding in entrant.leaks] for entrant in entrants}
        told = {
            "part": entrants[0].part,
            "unit": entrants[0].unit,
            "models": {entrant.name: _about(entrant) for entrant in entrants},
            "not_run": dict(not_run or {}),
            "left_out": left_out(entrants),
            "remarks": remarks(entrants),
            "leaks": {name: sentences for name, sentences in leaks.items() if sentences},
            "targets": {name: _target(entrants, name, target, asked, out / "figures") for name, target in targets.items()},
        }
        write_json(out / "comparison.json", told)
        write_table(_table(told), out / "comparison.csv")
        write_table(_differences(told), out / "differences.csv")
        groups = _groups(told)
        if len(groups):
            write_table(groups, out / "subgroups.csv")
        findings = [finding for entrant in entrants for finding in entrant.leaks]
        write_findings(findings, place.folder / "findings.json")
        page = render_comparison(out)
    lines = [line for name in targets for line in [*words(told, name), verdict(told, name).sentence, *by_group(told, name)]]
    return Result(
        content={"folder": str(out), "report": str(page), **told},
        words=[*lines, *(f"not run: {name}: {why}" for name, why in (not_run or {}).items()), f"report: {page}"],
        findings=findings,
    )


def names(runs: Sequence[Path]) -> list[str]:
    """What each run is called: its folder, with as many folders above it as tell it from the others.

    Raises
    ------
    UserError
        A folder is named twice.
    """
    places = [run.resolve() for run in runs]
    twice = next((run for run, place in zip(runs, places, strict=True) if places.count(place) > 1), None)
    if twice is not None:
        raise UserError("the run is named twice", str(twice), "name each run once")
    depth = 1
    while len({place.parts[-depth:] for place in places}) < len(places):
        depth += 1
    return ["/".join(place.parts[-depth:]) for place in places]


def _asked(given: Sequence[str], known: set[str]) -> list[str]:
    """The figures asked for, by their names in `metrics.json`."""
    chosen = [ALIASES.get(name, name) for name in given]
    if "all" in chosen:
        return sorted(known)
    for name in chosen:
        if name not in known:
            raise UserError(f"unknown figure {name!r}", "--metrics", f"{nearest(name, known)}, or all")
    return chosen


def _about(entrant: Entrant) -> dict[str, Any]:
    """What a model is and what it cost, as far as its folder says."""
    recipe, costs = (entrant.run.recipe if (entrant.run.folder / "recipe.yaml").is_file() else None), entrant.told("costs.json")
    learner = recipe.learner if recipe else {}
    image = learner.get("image", learner)
    return {
        "backbone": " + ".join(each.name for each in (recipe.backbone, *recipe.backbone.beside)) if recipe and learner else None,
        "learner": learner.get("kind"),
        "head": image.get("head") if image.get("kind") == "probe" else None,
        "costs": costs,
    }


def _target(entrants: Sequence[Entrant], name: str, target: Target, asked: Sequence[str], figures: Path) -> dict[str, Any]:
    """All that is said of one target."""
    models = scored(entrants, name)
    draws = max(entrant.run.recipe.evaluation.draws if (entrant.run.folder / "recipe.yaml").is_file() else Evaluation().draws for entrant in entrants)
    picture = None
    if len(set(models[entrants[0].name].cases.truth)) == len(target.classes):
        figures.mkdir(exist_ok=True)
        picture = f"{figures.name}/{slug(name)}-roc.svg"
        rocs({model: found.cases for model, found in models.items()}, figures / f"{slug(name)}-roc.svg")
    kind, every = ("binary" if target.kind == "binary" else "multiclass"), all_metrics(target.kind)
    chosen = {metric: every[metric] for metric in dict.fromkeys(["auroc", *asked]) if metric in every}
    entries = {entrant.name: entrant.entries[name] for entrant in entrants}
    return {
        "kind": target.kind,
        "classes": list(target.classes),
        "positive": target.positive,
        "shown": list(dict.fromkeys([*SHOWN[kind], *(metric for metric in asked if metric in every)])),
        "grades": sorted({str(entry["grade"]) for entry in entries.values()}),
        "table": {model: {key: entry[key] for key in ("unit", "n", "clusters", "metrics", "confusion")} for model, entry in entries.items()},
        "roc": picture,
        **pair_up(models, target.kind, draws=draws, seed=0),
        "scarce": EITHER,
        "subgroups": {
            covariate: subgroups(models, target, level, chosen, draws=draws, seed=0)
            for covariate, level in common_covariates(entrants).items()
            if covariate != name
        },
    }


def _table(told: Mapping[str, Any]) -> pd.DataFrame:
    """A row a target and model: every figure with its interval, the confusion matrix, the costs."""
    return pd.DataFrame(
        [
            {"target": target, "model": model, plural(told["unit"]): entry["n"], "components": entry["clusters"]}
            | {f"{figure}{end and '_'}{end}": value[end or "value"] for figure, value in entry["metrics"].items() for end in ("", "low", "high")}
            | {"classes": json.dumps(asked["classes"]), "confusion": json.dumps(entry["confusion"])}
            | {key: told["models"][model]["costs"].get(key) for key in ("train_seconds", "images_per_second", "bytes")}
            for target, asked in told["targets"].items()
            for model, entry in asked["table"].items()
        ]
    )


def _differences(told: Mapping[str, Any]) -> pd.DataFrame:
    """A row a target, pair and figure or test: how far `one` lies above `other`; of all rows (blank), and in each level of a covariate."""
    return pd.DataFrame(
        [
            {"target": target, "covariate": covariate, "level": level, "one": pair["one"], "other": pair["other"], "figure": figure, **entry}
            for target, asked in told["targets"].items()
            for covariate, level, pairs in [("", "", asked["pairs"]), *((c, one, held["pairs"]) for c, one, held in _each(asked))]
            for pair in pairs
            for figure, entry in (pair["metrics"] | {test: pair[test] for test in ("delong", "mcnemar") if pair.get(test)}).items()
        ]
    )


def _groups(told: Mapping[str, Any]) -> pd.DataFrame:
    """A row a target, level of a covariate, model and figure; where a level is counted alone, a row with neither."""
    return pd.DataFrame(
        [
            {"target": target, "covariate": covariate, "level": level, plural(told["unit"]): held["n"], "components": held["clusters"]}
            | {"classes": json.dumps(held["classes"], ensure_ascii=False), "model": model, "figure": figure, **entry}
            for target, asked in told["targets"].items()
            for covariate, level, held in _each(asked)
            for model, figures in (held["table"] or {"": {"": {}}}).items()
            for figure, entry in figures.items()
        ]
    )


def _each(asked: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Covariate, level and what was found there."""
    return [(covariate, level, held) for covariate, found in asked["subgroups"].items() for level, held in found.items()]
