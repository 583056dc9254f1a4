import json
from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Settings, Source
from overread.errors import UserError
from overread.experiment.result import Result


@verb
def embed(
    source: Source,
    out: Annotated[Path, typer.Option("--out", help="The table to write: .parquet or .csv.")],
    backbone: Annotated[
        list[str] | None,
        typer.Option(
            "--backbone",
            help="A name of `overread list backbones` or of timm; repeatable. Default: efficientnet-lite0.",
            metavar="NAME",
        ),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option("--weights", help="A file of its weights; with several backbones one each, in their order ('' for its own).", metavar="FILE"),
    ] = None,
    pool: Annotated[
        str | None, typer.Option("--pool", help="How tokens or stages become one vector.", metavar="own|token|token+mean|mean|stages")
    ] = None,
    size: Annotated[int | None, typer.Option("--size", help="Edge of the pictures in pixels; default: the first backbone's own.")] = None,
    settings: Settings = None,
) -> Result:
    """Write the features that frozen networks give each image.

    OUT has a row an image: `row`, and a column a number (NAME:0, NAME:1, ...). What was computed once is kept, and read the next time.
    Further keys of `image` and `runtime` apply, e.g. --set image.fit=crop or --set runtime.precision=fp32.
    """
    from overread.recipe import load

    for setting in settings or []:
        if not setting.startswith(("image.", "runtime.")):
            raise UserError(f"{setting!r} does nothing here", "--set", "only keys of image and runtime apply, e.g. --set image.fit=crop")
    names = backbone or ["efficientnet-lite0"]
    files = weights or [""] * len(names)
    if len(files) != len(names):
        mend = "name one file for each backbone, in their order, '' where a backbone has its own"
        raise UserError(f"{len(files)} weights files for {len(names)} backbones", "--weights", mend)
    chosen = [
        {"name": name, **({"weights": file} if file else {}), **({"pool": pool} if pool else {})} for name, file in zip(names, files, strict=True)
    ]
    told = json.dumps({**chosen[0], **({"beside": chosen[1:]} if chosen[1:] else {})})
    recipe = load("default", [f"backbone={told}", *([f"image.size={size}"] if size else []), *(settings or [])])
    from overread.experiment.embed import embed

    return embed(source, out, recipe.backbone, recipe.image, recipe.runtime)
