from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Metrics, Out, Sources
from overread.experiment.result import Result


@verb
def benchmark(
    benchmark: Annotated[str, typer.Argument(help="A benchmark's name (overread list benchmarks) or a .yaml file.", metavar="BENCHMARK")],
    data: Sources = None,
    out: Out = Path("runs/benchmark"),
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Change one key of every recipe, e.g. --set image.size=64, or of one row's, e.g. --set ROW:backbone.weights=own.pth; repeatable.",
            metavar="[ROW:]KEY=VALUE",
        ),
    ] = None,
    metrics: Metrics = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the rows in OUT that are done, and go on with the others; where nothing was begun, begin.")
    ] = False,
) -> Result:
    """Run several recipes on one split into one table.

    Each row is trained into OUT/<row>, all on the same rows, split and seeds; OUT/comparison is what `overread compare` makes of them.
    A row that cannot be run (no weights, an extra that is not installed) is told in the table, and the others go on.
    """
    from overread.benchmarks import load

    entries = load(benchmark, changes or [], data or [])
    from overread.experiment.benchmark import benchmark as run  # after the recipes are found sound: this loads torch

    return run(entries, out, resume, [name.strip() for name in (metrics or "").split(",") if name.strip()])
