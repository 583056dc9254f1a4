"""Several networks over the same picture as one: their features stand one after the other."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from overread.backbones.pooling import Pool, pooled
from overread.backbones.preprocess import Preprocess


class Joint(nn.ModuleList):
    """Networks side by side; they are named by their place, so that `1.layer4` is the last stage of the second.

    Pictures come normalised for the first; each other one sees them normalised as its own weights expect.
    """

    def __init__(self, networks: Sequence[nn.Module], pools: Sequence[Pool], preprocesses: Sequence[Preprocess]) -> None:
        super().__init__(networks)
        self.pools = tuple(pools)
        first = preprocesses[0]
        for place, own in enumerate(preprocesses):
            scale = [before / after for before, after in zip(first.std, own.std, strict=True)]
            shift = [(old - new) / std for old, new, std in zip(first.mean, own.mean, own.std, strict=True)]
            self.register_buffer(f"scale_{place}", torch.tensor(scale).reshape(3, 1, 1), persistent=False)
            self.register_buffer(f"shift_{place}", torch.tensor(shift).reshape(3, 1, 1), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size), normalised for the first, to (n, d), d the sum of all widths."""
        buffers = dict(self.named_buffers(recurse=False))
        return torch.cat(
            [
                pooled(network, pixels * buffers[f"scale_{place}"] + buffers[f"shift_{place}"] if place else pixels, self.pools[place])
                for place, network in enumerate(self)
            ],
            dim=1,
        )

    def no_weight_decay(self) -> set[str]:
        """Parameters that timm says should not shrink, of all networks."""
        spared: list[Callable[[], Any]] = [getattr(network, "no_weight_decay", set) for network in self]
        return {f"{place}.{name}" for place, names in enumerate(spared) for name in names()}
