"""Predict images nobody labelled, with a finished run: by image and, where the run counts studies or patients, by these."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from overread.errors import UserError
from overread.evaluation.units import Unit
from overread.experiment.answers.judge import judge
from overread.experiment.answers.parts import beside_route
from overread.experiment.answers.predicted import Predicted, not_named, predict_units
from overread.experiment.answers.reading import kept_reading
from overread.experiment.output import check_table, write_table
from overread.experiment.result import Result
from overread.experiment.rows.belonging import belonging
from overread.experiment.rows.gather import rejections, scan_all
from overread.experiment.rows.unlabelled import unlabelled
from overread.learners.base import load
from overread.report.show import counted, plural
from overread.run import Run

ABSTAINED = "abstained:"

TOLD = ("p:", "decision:", "route", "known_part", ABSTAINED)
"""How the columns begin that a reader of predictions needs."""


def predict(folder: Path, images: Sequence[str], out: Path, by_folder: bool = False) -> Result:
    """Write a table of calibrated probabilities and decisions, a row an image; where the run's unit is another, a second one, a row a unit.

    Parameters
    ----------
    folder : Path
        A finished run.
    images : sequence of str
        What `unlabelled` takes: files, folders, archives, members and frames.
    out : Path
        A new .csv or .parquet: `row`, `image`, ``p:T:C``, ``decision:T``, and `reason` where an image could not be read. Of a model that sends
        images to a part's expert also `route`, the part it chose, and beside it `known_part`, what a DICOM file says of itself: compared, never
        preferred. ``abstained:T`` is true where the model would rather not answer; its decision stands beside that.

        Of a run that counts studies (or patients) ``out-studies.csv`` is written beside it, with the pool, calibration and threshold of the
        run's studies: `study`, `row` (of its first image), `images` (pooled), `copies` and `unreadable` (left out), the columns above, and
        `reason` where no image of it could be read. The images' column `study` joins the two tables.
    by_folder : bool
        The images of one folder are one study (or patient). Not said: those whose DICOM headers say so; images that say nothing are each a
        study of their own, and where none says anything there is no second table.

    Raises
    ------
    UserError
        No finished run, no image, an output that cannot be, or folders to be put together by a run that counts images.
    """
    run = Run.open(folder)
    check_table(out)
    model = load(folder / "model")
    reading = kept_reading(run)
    unit = reading.unit
    beside = out.with_name(f"{out.stem}-{plural(unit)}{out.suffix}")
    if unit != "image":
        check_table(beside)
    elif by_folder:
        raise UserError("this run counts images, and puts none together", "--by-folder", "leave it out, or train with --set evaluation.unit=study")
    given = unlabelled(images, model.targets)
    names, torn = belonging(given, unit, by_folder) if unit != "image" else (None, [])
    found, rejected = scan_all(given, model.fitting, run.recipe.runtime)
    raw = model.predict(found)
    judged = judge(raw, model.targets, reading.images)
    parts = beside_route(judged, found, model) if "route" in judged else None
    if parts:
        judged.insert(list(judged).index("route") + 1, "known_part", parts.known)
    findings, units = rejections(rejected, out.name), None
    if names is not None:
        units = predict_units(raw, given, found, names, reading) if (names != "").any() else None
        findings += [*torn, *units.findings] if units else [not_named(unit)]
    shown = [name for name in map(str, judged) if name.startswith(TOLD)]
    table = given.frame[["row", "image"]]
    if units:
        table = table.assign(**{unit: table["row"].map(units.names)})
        answers = [name for name in shown if name in units.judged]
        write_table(units.judged[[unit, "row", "images", "copies", "unreadable", *answers, "reason"]], beside)
    write_table(table.merge(judged[["row", *shown]], on="row", how="left").merge(rejected[["row", "reason"]], on="row", how="left"), out)
    abstained, answered = _abstained(judged, "image")
    of_units, said = _told(units, unit, beside) if units else ({}, [])
    return Result(
        content={
            "table": str(out),
            "predicted": len(judged),
            "rejected": len(rejected),
            **({"abstained": abstained} if abstained else {}),
            **({"parts": parts.to_dict()} if parts else {}),
            **({"units": of_units} if of_units else {}),
        },
        words=[
            f"{counted(len(judged), 'image')} predicted, {len(rejected)} rejected: {out}",
            *answered,
            *(parts.words if parts else []),
            *said,
            "Research use only, not a medical device.",
        ],
        findings=findings,
    )


def _told(units: Predicted, unit: Unit, beside: Path) -> tuple[dict[str, Any], list[str]]:
    """What a program and a person are told of the units."""
    known = units.judged[units.judged["images"] > 0]
    pooled, without = int(known["images"].sum()), len(units.judged) - len(known)
    abstained, words = _abstained(known, unit)
    lost = f", {counted(without, unit)} without a readable image" if without else ""
    content = {"unit": unit, "table": str(beside), "predicted": len(known), "images": pooled, "rejected": without}
    return {**content, **({"abstained": abstained} if abstained else {})}, [
        f"{counted(len(known), unit)} of {counted(pooled, 'image')} predicted{lost}: {beside}",
        *words,
    ]


def _abstained(judged: pd.DataFrame, what: str) -> tuple[dict[str, int], list[str]]:
    """How many cases the model would rather not answer, by target, and a sentence each."""
    told = {name.removeprefix(ABSTAINED): int(judged[name].sum()) for name in map(str, judged) if name.startswith(ABSTAINED)}
    of = counted(len(judged), what) if what != "image" else f"{len(judged):,}"
    return told, [f"{name}: the model abstains from {n:,} of {of}; their decisions stand in the table" for name, n in told.items()]
