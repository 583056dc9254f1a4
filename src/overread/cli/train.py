from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Out, Settings, Sources
from overread.experiment.result import Result


@verb
def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name (overread list recipes) or a .yaml file.", metavar="RECIPE")],
    data: Sources = None,
    out: Out = Path("runs/latest"),
    settings: Settings = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the run in OUT that was interrupted, to the figures it would have had; where nothing was begun, begin.",
        ),
    ] = False,
) -> Result:
    """Train by a recipe, evaluate honestly, write a report.

    The split keeps patients, studies, groups and copies together; threshold and calibration come from validation; test is read once.
    """
    from overread.recipe import load

    checked = load(recipe, settings or [], data or [])
    from overread.experiment.train import train  # after the recipe is found sound: this loads torch

    return train(checked, out, resume)
