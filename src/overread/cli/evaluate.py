from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Sources
from overread.errors import UserError
from overread.experiment.result import Result


@verb
def evaluate(
    run: Annotated[Path | None, typer.Argument(help="A folder that `overread train` wrote.", metavar="[RUN]")] = None,
    data: Sources = None,
    predictions: Annotated[
        str | None,
        typer.Option(
            "--predictions", help="A table of anyone's model: p.csv[?label=truth&score=p&positive=yes&patient=id&split=part].", metavar="TABLE"
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the evaluation of --predictions.")] = None,
) -> Result:
    """Score a run on other data, or anyone's predictions.

    RUN with --data is external validation; --predictions takes a table of any model. Both give the figures, intervals and page of a run.
    On another site the model is shown unchanged, and recalibrated and re-thresholded on a local sample, scored on the same other rows.
    """
    if run and out:
        raise UserError("--out goes with --predictions", "overread evaluate", "leave it out: what is scored on other data lies in RUN/external")
    if run and data and not predictions:
        from overread.experiment.external import evaluate_external

        return evaluate_external(run, data)
    if predictions and not run and not data:
        from overread.experiment.theirs import evaluate_predictions

        return evaluate_predictions(predictions, out or Path("runs/evaluation"))
    raise UserError("nothing to evaluate, or too much", "overread evaluate", "give RUN with --data SOURCE, or --predictions TABLE alone")
