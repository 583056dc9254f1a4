from enum import StrEnum
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.experiment.result import Result


class Room(StrEnum):
    """What can be listed."""

    RECIPES = "recipes"
    DATASETS = "datasets"
    BACKBONES = "backbones"
    LEARNERS = "learners"
    EXPLANATIONS = "explanations"
    CHECKS = "checks"


@verb
def list_(room: Annotated[Room, typer.Argument(help="What to list.", metavar="ROOM")]) -> Result:
    """List recipes, datasets, backbones, learners, explanations or checks."""
    from overread import recipe, registry

    lines = recipe.names() if room is Room.RECIPES else getattr(registry, room.name).describe()
    width = max(map(len, lines), default=0)
    words = [f"{name:<{width}}  {line}" for name, line in lines.items()]
    if room is Room.BACKBONES:
        words.append(f"{'...':<{width}}  and every image model of timm, by its timm name (resnet50, vit_small_patch14_dinov2.lvd142m, ...)")
    return Result(content=[{"name": name, "about": line} for name, line in lines.items()], words=words)
