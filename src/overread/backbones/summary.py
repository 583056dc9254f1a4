"""Layers and parameters of a network, stage by stage."""

from dataclasses import asdict, dataclass
from typing import Any

from torch import nn

from overread.backbones.trunk import Trunk


@dataclass(frozen=True)
class Stage:
    """One line of the summary: its layers are the modules that hold parameters of their own."""

    name: str
    layers: int
    parameters: int
    trainable: int


@dataclass(frozen=True)
class Summary:
    """What a network is made of.

    Attributes
    ----------
    backbone : str
    size : int
        Edge of the pictures it was made for, pixels.
    features : int
        Width of the pooled features.
    weights : str
        Where they come from.
    stages : tuple of Stage
        Lowest first; the head last if one was given.
    """

    backbone: str
    size: int
    features: int
    weights: str
    stages: tuple[Stage, ...]

    @property
    def parameters(self) -> int:
        return sum(stage.parameters for stage in self.stages)

    @property
    def trainable(self) -> int:
        return sum(stage.trainable for stage in self.stages)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "parameters": self.parameters, "trainable": self.trainable}

    def __str__(self) -> str:
        rows = [*self.stages, Stage("total", sum(stage.layers for stage in self.stages), self.parameters, self.trainable)]
        width = max(len(row.name) for row in rows)
        lines = [f"{row.name:<{width}}  {row.layers:>6,}  {row.parameters:>12,}  {row.trainable:>12,}" for row in rows]
        title = f"{self.backbone}, {self.size} px to {self.features} features, weights: {self.weights}"
        return "\n".join([title, f"{'stage':<{width}}  {'layers':>6}  {'parameters':>12}  {'trainable':>12}", *lines])


def summarise(trunk: Trunk, head: nn.Module | None = None) -> Summary:
    """Count layers and parameters; what `requires_grad` says now is what trains."""
    parameters = dict(trunk.network.named_parameters())
    stages = [_stage(name, {key: parameters[key] for key in keys}) for name, keys in trunk.blocks.stages.items()]
    if head is not None:
        stages.append(_stage("head", dict(head.named_parameters())))
    return Summary(trunk.name, trunk.preprocess.size, trunk.features, trunk.origin, tuple(stages))


def _stage(name: str, parameters: dict[str, nn.Parameter]) -> Stage:
    return Stage(
        name,
        len({key.rpartition(".")[0] for key in parameters}),
        sum(parameter.numel() for parameter in parameters.values()),
        sum(parameter.numel() for parameter in parameters.values() if parameter.requires_grad),
    )
