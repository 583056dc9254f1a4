from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import RunFolder
from overread.experiment.result import Result


@verb
def predict(
    run: RunFolder,
    images: Annotated[list[str], typer.Argument(help="Image files, or folders or zip archives of them.", metavar="IMAGES...")],
    out: Annotated[Path, typer.Option("--out", help="The table to write: .csv or .parquet.")],
) -> Result:
    """Predict images with a finished run.

    The table has a row an image: calibrated probabilities and the decision at the threshold that validation chose.
    """
    from overread.experiment.predict import predict

    return predict(run, images, out)
