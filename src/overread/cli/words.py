"""The arguments that several verbs share, each described once."""

from pathlib import Path
from typing import Annotated

import typer

Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--data", help="reader:path[?key=value&...], e.g. table:m.csv?label=diagnosis or folder:x; repeat it to join sources.", metavar="SOURCE"
    ),
]
Source = Annotated[
    str, typer.Argument(help="reader:path[?key=value&...], e.g. table:m.csv?label=diagnosis, folder:x, medmnist:x.npz.", metavar="SOURCE")
]
RunFolder = Annotated[Path, typer.Argument(help="A folder that `overread train` wrote.", metavar="RUN")]
Out = Annotated[Path, typer.Option("--out", help="Where to write; must not hold anything yet.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="Change one key of the recipe, e.g. --set image.size=320; repeatable.", metavar="KEY=VALUE")
]
Metrics = Annotated[
    str | None,
    typer.Option("--metrics", help="Figures to show beside the usual ones, e.g. brier,average_precision; or all.", metavar="A,B"),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of every random choice.")]
