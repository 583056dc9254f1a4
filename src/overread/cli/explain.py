from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Out, RunFolder
from overread.experiment.result import Result


@verb
def explain(
    run: RunFolder,
    images: Annotated[list[str], typer.Argument(help="Image files, or folders or zip archives of them.", metavar="IMAGES...")],
    out: Out,
    target: Annotated[str | None, typer.Option("--target", help="Which question; by default all that a network answers.")] = None,
    method: Annotated[str | None, typer.Option("--method", help="See `overread list explanations`; by default the recipe's.")] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="A layer of the network, e.g. layer3.1; by default the last that gives a map.")] = None,
    label: Annotated[
        str | None,
        typer.Option("--class", help="Explain this class in every image; by default the one it was called (of a router, the part it chose)."),
    ] = None,
) -> Result:
    """Show where a finished run looked.

    OUT gets <row>.png, the film under its heat map with a bar of raw values (<row>-<target>.png where the run answers several questions), and
    heat.csv, the magnitudes and which network spoke. A heat map is a hypothesis.
    """
    from overread.experiment.explain import explain

    return explain(run, images, out, target=target, method=method, layer=layer, label=label)
