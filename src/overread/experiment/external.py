"""External validation: a finished run on another site's data, unchanged, and recalibrated on a local sample."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from overread.audit.data.source import faulty
from overread.catalog import Catalog, Target
from overread.duplicates.links import none
from overread.errors import UserError
from overread.experiment.answers.judge import foresee, judge
from overread.experiment.answers.reading import Reading, kept_reading, together
from overread.experiment.answers.units import by_image, named
from overread.experiment.result import Result
from overread.experiment.rows.gather import fingerprint, gather, near_copies, pairs, rejections
from overread.experiment.scoring.heat import draw_heat
from overread.experiment.scoring.score import score
from overread.findings import Effect, Finding, Severity
from overread.findings import write as write_findings
from overread.learners.base import load
from overread.partition import prepare
from overread.partition.stratify import allot
from overread.progress import note
from overread.recipe import Evaluation
from overread.report.render import render
from overread.run import Run

LOCAL = 0.3
"""Share of the components that recalibration may look at; the rest is scored."""

FEWEST = 5
"""Components of a class, in the local sample, below which nothing is recalibrated."""


def evaluate_external(folder: Path, data: Sequence[str]) -> Result:
    """Score a run on other data and write ``external/<name>-<hash>/`` into its folder.

    Three splits are scored: `external`, all rows by the unchanged model; `external_recalibrated`, the rows outside a local sample of 30 %
    of the components by the model with calibration and threshold fitted on that sample; `external_same_rows`, those rows by the
    unchanged model, so that the two can be compared.

    Parameters
    ----------
    folder : a finished run
    data : sources, with the run's first target and its classes; of its other targets those are scored that the data know, on the rows whose
        class the run knows, and in the run's unit where the data name it

    Raises
    ------
    UserError
        No finished run, another target or other classes, or no row that the model had not seen.
    """
    run = Run.open(folder)
    model, recipe = load(folder / "model"), run.recipe
    found, rejected = gather(data, model.fitting, recipe.runtime)
    links = near_copies(found, recipe.runtime, model.fitting.view) if recipe.split.near_copies else none()
    alike, unknown = _asked_alike(found, model.targets)
    catalog, findings = _unseen(alike, run.catalog, links)
    findings += [*([faulty(found.faults)] if found.faults else []), *unknown]
    asked = catalog.asking(*(name for name in model.targets if name in found.targets and alike.frame[name].notna().any()))
    findings += _not_asked([target for target in model.targets if target not in asked.targets])
    name = f"{'-'.join(found.frame['source'].unique())}-{fingerprint(found)[:8]}"
    own = catalog.part("external").frame["pixel_sha"].isin(_pixels(run.catalog, "test"))
    if own.any():
        run.count_test_read()
        findings.insert(0, _not_external(own))
    reading, plan = kept_reading(run), recipe.evaluation
    if not named(catalog, reading.unit):
        findings.append(by_image(catalog, reading.unit))
        reading = Reading(reading.images)
    plan = plan.model_copy(update={"unit": reading.unit})
    place = folder / "external" / name
    if place.exists():
        shutil.rmtree(place)
    with Run.make(place, recipe.model_copy(update={"data": list(data), "evaluation": plan})) as external:
        rejected.to_csv(place / "rejected.csv", index=False)
        asked.save(place / "catalog.parquet")
        raw = foresee(model, catalog, "external")
        rest, fitted = _recalibrated(raw, asked, reading, plan, recipe.seed)
        by = {"external": reading} | ({"external_recalibrated": fitted, "external_same_rows": reading} if fitted else {})
        judged = together([one.judge((raw if split == "external" else rest).assign(split=split), asked) for split, one in by.items()])
        judged.write(place)
        scores = score(
            place,
            judged,
            asked,
            {split: one.decisions for split, one in by.items()},
            plan,
            recipe.seed,
            grade=f"external data, patients {'known' if (catalog.part('external').frame['patient'] != '').all() else 'unknown'}",
            fitting=model.fitting,
            main="external",
        )
        findings = [*findings, *rejections(rejected), *scores.findings]
        write_findings(findings, external.folder / "findings.json")
        draw_heat(model, judge(raw, model.targets, reading.images), catalog, place, recipe.explain)
        report = render(place)
    if (folder / "metrics.json").exists():  # an adopted model has no page of its own: nothing was measured when it came
        render(folder)
    return Result(
        content={"folder": str(place), "report": str(report), "metrics": scores.metrics},
        words=[*scores.words, f"report: {report}"],
        findings=findings,
    )


def _asked_alike(found: Catalog, targets: Mapping[str, Target]) -> tuple[Catalog, list[Finding]]:
    """The other site's catalog under the run's targets; of all but the first these data need not know anything, nor have its classes alone."""
    first, frame, findings = next(iter(targets)), found.frame, []
    for name, target in targets.items():
        if name not in found.targets and name == first:
            raise UserError(
                f"the run answers {name!r}, these data ask {', '.join(map(repr, found.targets))}", found.source, f"name the column ?target={name}"
            )
        if name not in found.targets:
            frame = frame if name in frame else frame.assign(**{name: pd.Series(pd.NA, index=frame.index, dtype="str")})
            continue
        strange = sorted(set(found.targets[name].classes) - set(target.classes))
        if strange and name != first:
            beyond = frame[name].isin(strange)
            findings.append(_not_known(name, strange, beyond))
            frame = frame.assign(**{name: frame[name].mask(beyond)})
        elif strange:
            raise UserError(
                f"the run knows no class {strange[0]!r}, only {', '.join(map(repr, target.classes))}",
                found.source,
                f"map it: ?merge={target.classes[0]}:{strange[0]}",
            )
    return replace(found, frame=frame, targets=dict(targets)), findings


def _not_known(name: str, strange: Sequence[str], beyond: pd.Series) -> Finding:
    """That some images are of a class, of another question than the first, that the run never learnt."""
    told = f"{beyond.sum():,} of {len(beyond):,} images are of a {name} that the run does not know ({', '.join(strange)})"
    effect = Effect(f"share of images whose {name} the run does not know", float(beyond.mean()), n=len(beyond))
    mend = "Read the figures without these images too: the model was not made for them."
    return Finding("unknown-class", "data", Severity.LOW, False, f"{told}: there {name} is not scored, all else is.", effect, remedy=mend)


def _not_asked(names: Sequence[str]) -> list[Finding]:
    """That these data know nothing of some questions that the run answers."""
    if not names:
        return []
    told = f"The run also answers {' and '.join(names)}; these data have no labels for that, so nothing is said of it."
    return [Finding("not-asked", "data", Severity.INFO, None, told)]


def _unseen(found: Catalog, trained: Catalog, links: pd.DataFrame) -> tuple[Catalog, list[Finding]]:
    """The rows to score, as split `external`; those whose pixels the run was trained on are set aside and counted."""
    prepared = prepare(found, pairs(links))
    frame = prepared.catalog.frame
    seen = frame["pixel_sha"].isin(_pixels(trained, "train", "val"))
    taken = (frame["why"] == "") & ~seen
    if not taken.any():
        raise UserError("no labelled image here is new to the model", found.source, "name data that the run was not trained on")
    why = frame["why"].mask(seen, "set aside: the run was trained on these pixels").mask(taken, "external")
    catalog = prepared.catalog.replace(frame.assign(split=pd.Series("external", index=frame.index).where(taken, ""), why=why))
    if not len(trained):
        unknown = "What the model was trained on is not known: images that it has seen cannot be set aside."
        return catalog, [*prepared.findings, Finding("trained-on", "data", Severity.HIGH, None, unknown)]
    effect = Effect("share of rows that the run was trained on", float(seen.mean()), n=len(frame))
    if not seen.any():
        told = "No image here has the pixels of a training image; `overread audit A --against B` looks for altered copies too."
        clear = Finding("trained-on", "data", Severity.INFO, True, told, effect)
        return catalog, [*prepared.findings, clear]
    sentence = f"{seen.sum():,} of {len(frame):,} images have the pixels of a training image; they are set aside and not scored."
    return catalog, [*prepared.findings, Finding("trained-on", "data", Severity.HIGH, False, sentence, effect)]


def _not_external(own: pd.Series) -> Finding:
    """That images of the run's own test are scored once more, under another name."""
    share = Effect("share of scored images that are of the run's own test", float(own.mean()), n=len(own))
    sentence = f"{own.sum():,} of {len(own):,} scored images are of this run's own test: the figures are not of other data."
    return Finding("own-test", "data", Severity.HIGH, False, sentence, share, remedy="Name data of another site, or of a later time.")


def _pixels(catalog: Catalog, *splits: str) -> pd.Series:
    """What identifies the pictures of these splits."""
    return catalog.frame.loc[catalog.frame["split"].isin(splits), "pixel_sha"]


def _recalibrated(raw: pd.DataFrame, catalog: Catalog, reading: Reading, plan: Evaluation, seed: int) -> tuple[pd.DataFrame, Reading | None]:
    """The rows outside a local sample and the reading refitted on it, of the targets for which the sample is large enough; if for none, no row."""
    rows = catalog.part("external").frame
    few = {name: [label for label in target.classes if _components(rows, name, label) * LOCAL < FEWEST] for name, target in catalog.targets.items()}
    enough = [name for name, labels in few.items() if not labels]
    lacking = ", ".join(label for labels in few.values() for label in labels)
    if lacking:
        which = f"of {', '.join(name for name, labels in few.items() if labels)}" if enough else ""
        note(f"no recalibration {which}: a local sample of {LOCAL:.0%} would hold fewer than {FEWEST} components of {lacking}".replace(" :", ":"))
    if not enough:
        return raw.iloc[:0], None
    known = catalog.asking(*enough)
    part = rows["component"].map(allot(rows, known.targets, {"local": LOCAL, "rest": 1 - LOCAL}, f"local/{seed}"))
    sample = raw["row"].isin(rows.loc[part == "local", "row"])
    return raw[~sample], reading.refit(raw[sample].assign(split="val"), known, plan)


def _components(rows: pd.DataFrame, name: str, label: str) -> int:
    return int(rows.loc[rows[name] == label, "component"].nunique())
