"""A head on a trunk, and which of its parameters train."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from overread.backbones.create import Trunk
from overread.learners.network.head import Head

BELOW = "trunk.network."
"""What a trunk's tensors are called behind in a classifier's state."""

HEADS = "head.each."
"""The same of heads, where there are several; a number follows."""


def build_head(head: Head, features: int, outputs: int) -> nn.Sequential:
    """Pooled features (n, d) to logits (n, outputs); the softmax of the logarithms of sigmoids is the sigmoids divided by their sum."""
    link = [nn.LogSigmoid()] if head.link == "sigmoids" and outputs > 1 else []
    first: list[nn.Module] = [Unit()] if head.unit else []
    if head.kind == "linear":
        return nn.Sequential(*first, nn.Dropout(head.dropout[0]), nn.Linear(features, outputs), *link)
    first += [nn.Dropout(head.dropout[0])] if len(head.dropout) == 2 else []
    return nn.Sequential(*first, nn.Linear(features, head.hidden), nn.ReLU(), nn.Dropout(head.dropout[-1]), nn.Linear(head.hidden, outputs), *link)


class Unit(nn.Module):
    """Rows of length one."""

    def forward(self, features: Tensor) -> Tensor:
        return functional.normalize(features, dim=-1)


class Classifier(nn.Module):
    """Trunk and head; timm's optimiser factory asks it for its layers."""

    head: Any
    """Layers in a row (`build_head`), or several such side by side (`overread.learners.multitask.heads.Heads`)."""

    def __init__(self, trunk: Trunk, head: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = head

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size) normalised to (n, outputs) float32; the head computes in float32 even under autocast.

        Eight bits of mantissa would tie scores that differ, and ties cost AUROC.
        """
        features = self.trunk(pixels)
        with torch.autocast(pixels.device.type, enabled=False):
            logits: Tensor = self.head(features.float())
        return logits

    def group_matcher(self, coarse: bool = False) -> Callable[[str], int]:
        """Parameter name to its stage, the head on top: coarse stages also where timm asks for fine ones, as rates that shrink per
        fine block are nothing at a CNN's bottom."""
        depth = self.trunk.blocks.depth()
        top = max(depth.values(), default=-1) + 1
        return lambda name: depth[name.removeprefix(BELOW)] if name.startswith(BELOW) else top

    def no_weight_decay(self) -> set[str]:
        """Parameters that timm says should not shrink (positions, tokens)."""
        spared: Callable[[], Any] = getattr(self.trunk.network, "no_weight_decay", set)
        return {BELOW + name for name in spared()}

    def free(self, trains: str) -> None:
        """Let the head and the named part of the trunk train, and nothing else."""
        trained = set(self.trunk.blocks.trained(trains))
        for name, parameter in self.trunk.network.named_parameters():
            parameter.requires_grad_(name in trained)

    def training_mode(self) -> None:
        """Training mode where something trains; what is frozen keeps its batch statistics and drops nothing."""
        self.train()
        _rest_frozen(self.trunk)

    def moving(self) -> set[str]:
        """Names in the state that an epoch may change: parameters that are free, and the statistics of what is in training mode beside them."""
        self.training_mode()
        statistics = {
            f"{place}.{name}" for place, module in self.named_modules() if module.training for name, _ in module.named_buffers(recurse=False)
        }
        free = {name for name, parameter in self.named_parameters() if parameter.requires_grad}
        return (free | statistics) & set(self.state_dict())


def _rest_frozen(module: nn.Module) -> None:
    parameters = list(module.parameters())
    if parameters and not any(parameter.requires_grad for parameter in parameters):
        module.eval()
        return
    for child in module.children():
        _rest_frozen(child)
