from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Out, Settings
from overread.experiment.result import Result


@verb
def adopt(
    checkpoint: Annotated[
        Path, typer.Argument(help="A .pth, .pt or .safetensors file with the tensors of a whole classifier.", metavar="CHECKPOINT")
    ],
    backbone: Annotated[str, typer.Option("--backbone", help="Its architecture: a name of `overread list backbones` or of timm, e.g. resnet50.")],
    classes: Annotated[str, typer.Option("--classes", help="What its outputs mean, in their order, with commas between, e.g. normal,abnormal.")],
    out: Out,
    target: Annotated[str, typer.Option("--target", help="What it is asked: the label column of data it is to be evaluated on.")] = "label",
    positive: Annotated[str | None, typer.Option("--positive", help="The positive one of two classes, where their names do not tell.")] = None,
    settings: Settings = None,
) -> Result:
    """Turn a model trained elsewhere into a run.

    OUT can then be evaluated on your data, explained and asked for predictions. A single output speaks for the second of two classes.
    Say with --set image.size, image.fit and image.scale what pictures it was trained with.
    """
    from overread.experiment.adopt import adopt

    return adopt(
        checkpoint,
        backbone,
        [name.strip() for name in classes.split(",") if name.strip()],
        out,
        target=target,
        positive=positive,
        settings=settings or [],
    )
