"""Predict images nobody labelled, with a finished run."""

from collections.abc import Sequence
from pathlib import Path

from overread.experiment.gather import rejections, scan_all
from overread.experiment.judge import judge, kept
from overread.experiment.output import check_table, write_table
from overread.experiment.result import Result
from overread.experiment.unlabelled import unlabelled
from overread.learners.base import load
from overread.run import Run


def predict(folder: Path, images: Sequence[str], out: Path) -> Result:
    """Write a table of calibrated probabilities and decisions, a row an image.

    Parameters
    ----------
    folder : Path
        A finished run.
    images : sequence of str
        What `unlabelled` takes: files, folders, archives, members and frames.
    out : Path
        A new .csv or .parquet: `row`, `image`, ``p:T:C``, ``decision:T``, and `reason` where an image could not be read.

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
    shown = [name for name in map(str, judged) if name.startswith(("p:", "decision:"))]
    table = (
        given.frame[["row", "image"]].merge(judged[["row", *shown]], on="row", how="left").merge(rejected[["row", "reason"]], on="row", how="left")
    )
    write_table(table, out)
    return Result(
        content={"table": str(out), "predicted": len(judged), "rejected": len(rejected)},
        words=[
            f"{len(judged):,} image{'s' * (len(judged) != 1)} predicted, {len(rejected)} rejected: {out}",
            "Research use only, not a medical device.",
        ],
        findings=rejections(rejected, out.name),
    )
