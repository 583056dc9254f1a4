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
    by_folder: Annotated[
        bool, typer.Option("--by-folder", help="The images of one folder are one study (or patient), for a run that counts these.")
    ] = False,
) -> Result:
    """Predict images with a finished run.

    The table has a row an image: calibrated probabilities and the decision at the threshold that validation chose.
    Of a run that counts studies or patients a second table beside it has a row a study: those that DICOM headers name, or folders (--by-folder).
    """
    from overread.experiment.predict import predict

    return predict(run, images, out, by_folder)
