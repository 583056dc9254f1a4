"""Predict images nobody labelled, with a finished run."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.evaluation.decision import Decision
from overread.experiment.gather import rejections, scan_all
from overread.experiment.judge import judge
from overread.experiment.result import Result
from overread.experiment.table import check_out, write_table
from overread.learners.base import load
from overread.run import Run

HIDDEN = (".", "__MACOSX", "Thumbs.db")


def predict(folder: Path, images: Sequence[str], out: Path) -> Result:
    """Write a table of calibrated probabilities and decisions, a row an image.

    Parameters
    ----------
    folder : Path
        A finished run.
    images : sequence of str
        Files or folders (searched in depth).
    out : Path
        A new .csv or .parquet: `row`, `image`, ``p:T:C``, ``decision:T``, and `reason` where an image could not be read.

    Raises
    ------
    UserError
        No finished run, no image, or an output that cannot be.
    """
    run = Run.open(folder)
    check_out(out)
    model = load(folder / "model")
    decisions = {name: Decision.from_dict(entry) for name, entry in run.json("model/decision.json").items()}
    given = _unlabelled(images, model.targets)
    found, rejected = scan_all(given, model.fitting, run.recipe.runtime)
    judged = judge(model.predict(found), model.targets, decisions)
    shown = [name for name in map(str, judged) if name.startswith(("p:", "decision:"))]
    table = (
        given.frame[["row", "image"]].merge(judged[["row", *shown]], on="row", how="left").merge(rejected[["row", "reason"]], on="row", how="left")
    )
    write_table(table, out)
    return Result(
        content={"table": str(out), "predicted": len(judged), "rejected": len(rejected)},
        words=[f"{len(judged):,} images predicted, {len(rejected)} rejected: {out}", "Research use only, not a medical device."],
        findings=rejections(rejected, out.name),
    )


def _unlabelled(images: Sequence[str], targets: dict[str, Target]) -> Catalog:
    """A catalog of files whose labels nobody knows."""
    files = [file for named in images for file in _files(Path(named))]
    frame = pd.DataFrame({"row": [str(i) for i in range(len(files))], "image": [str(f) for f in files], "file": [str(f.resolve()) for f in files]})
    return Catalog(frame.assign(**dict.fromkeys(targets, pd.Series(pd.NA, index=frame.index, dtype="str"))), dict(targets), source=" ".join(images))


def _files(named: Path) -> list[Path]:
    if named.is_file():
        return [named]
    if not named.is_dir():
        raise UserError("no such file or folder", str(named), "name images, or a folder of them")
    files = sorted(path for path in named.rglob("*") if path.is_file() and not any(part.startswith(HIDDEN) for part in path.relative_to(named).parts))
    if not files:
        raise UserError("the folder holds no file", str(named), "name images, or a folder of them")
    return files
