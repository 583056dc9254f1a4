"""Predict images nobody labelled, with a finished run."""

from collections.abc import Sequence
from pathlib import Path

from overread.experiment.answers.judge import judge, kept
from overread.experiment.answers.parts import beside_route
from overread.experiment.output import check_table, write_table
from overread.experiment.result import Result
from overread.experiment.rows.gather import rejections, scan_all
from overread.experiment.rows.unlabelled import unlabelled
from overread.learners.base import load
from overread.run import Run

ABSTAINED = "abstained:"

TOLD = ("p:", "decision:", "route", "known_part", ABSTAINED)
"""How the columns begin that a reader of predictions needs."""


def predict(folder: Path, images: Sequence[str], out: Path) -> Result:
    """Write a table of calibrated probabilities and decisions, a row an image.

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

    Raises
    ------
    UserError
        No finished run, no image, or an output that cannot be.
    """
    run = Run.open(folder)
    check_table(out)
    model = load(folder / "model")
    decisions = kept(run)
    given = unlabelled(images, model.targets)
    found, rejected = scan_all(given, model.fitting, run.recipe.runtime)
    judged = judge(model.predict(found), model.targets, decisions)
    parts = beside_route(judged, found, model) if "route" in judged else None
    if parts:
        judged.insert(list(judged).index("route") + 1, "known_part", parts.known)
    shown = [name for name in map(str, judged) if name.startswith(TOLD)]
    table = (
        given.frame[["row", "image"]].merge(judged[["row", *shown]], on="row", how="left").merge(rejected[["row", "reason"]], on="row", how="left")
    )
    write_table(table, out)
    abstained = {name.removeprefix(ABSTAINED): int(judged[name].sum()) for name in shown if name.startswith(ABSTAINED)}
    return Result(
        content={
            "table": str(out),
            "predicted": len(judged),
            "rejected": len(rejected),
            **({"abstained": abstained} if abstained else {}),
            **({"parts": parts.to_dict()} if parts else {}),
        },
        words=[
            f"{len(judged):,} image{'s' * (len(judged) != 1)} predicted, {len(rejected)} rejected: {out}",
            *(
                f"{name}: the model abstains from {number:,} of {len(judged):,}; their decisions stand in the table"
                for name, number in abstained.items()
            ),
            *(parts.words if parts else []),
            "Research use only, not a medical device.",
        ],
        findings=rejections(rejected, out.name),
    )
