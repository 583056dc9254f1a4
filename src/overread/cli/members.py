from enum import StrEnum
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.experiment.result import Result


class Room(StrEnum):
    """What can be listed."""

    RECIPES = "recipes"
    BENCHMARKS = "benchmarks"
    DATASETS = "datasets"
    BACKBONES = "backbones"
    LEARNERS = "learners"
    EXPLANATIONS = "explanations"
    CHECKS = "checks"


@verb
def list_(room: Annotated[Room, typer.Argument(help="What to list.", metavar="ROOM")]) -> Result:
    """List recipes, benchmarks, datasets, backbones, learners, explanations or checks."""
    from overread import benchmarks, recipe, registry

    files = {Room.RECIPES: recipe.names, Room.BENCHMARKS: benchmarks.names}
    lines = files[room]() if room in files else getattr(registry, room.name).describe()
    width = max(map(len, lines), default=0)
    words = [f"{name:<{width}}  {line}" for name, line in lines.items()]
    if room is Room.BACKBONES:
        known = "resnet50; DINOv2: vit_base_patch14_dinov2.lvd142m, small, large, giant, _reg4; CLIP: vit_base_patch32_clip_quickgelu_224.openai"
        words.append(f"{'...':<{width}}  and every image model of timm, by its timm name ({known}, ...)")
    return Result(content=[{"name": name, "about": line} for name, line in lines.items()], words=words)
