from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Metrics, Out
from overread.experiment.result import Result


@verb
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Two or more finished runs, or evaluations, scored on the same rows.", metavar="RUN...")],
    out: Out = Path("runs/comparison"),
    metrics: Metrics = None,
) -> Result:
    """Compare runs in one table, with what the rows can tell.

    Figures with intervals, confusion matrices, costs, all ROC curves, and paired tests on the same test rows: a bootstrap over components
    for every figure, DeLong and McNemar where each component has one row, Holm over the pairs. Other test rows are refused.
    """
    from overread.experiment.compare import compare

    return compare(runs, out, [name.strip() for name in (metrics or "").split(",") if name.strip()])
