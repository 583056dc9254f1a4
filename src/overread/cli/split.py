from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Seed, Source
from overread.experiment.result import Result


@verb
def split(
    source: Source,
    out: Annotated[Path, typer.Option("--out", help="The table to write: .csv or .parquet.")],
    seed: Seed = 0,
    folds: Annotated[
        int | None, typer.Option("--folds", min=2, help="Also add a column `fold`: grouped, stratified folds for cross-validation.")
    ] = None,
) -> Result:
    """Write an honest split of a source, for any trainer.

    OUT holds the source's rows with the columns split, component and why added. Rows that share a patient, study, group, bytes or pixels
    are on one side; a file that cannot be read has a blank split and the reason.
    """
    from overread.experiment.split import split

    return split(source, out, seed=seed, folds=folds)
