"""Class activation maps: a layer's channels, weighed by what the score's gradient says of them, summed, and what speaks against left out."""

from collections.abc import Callable
from functools import wraps

from torch import Tensor, nn

from overread.explanation.base import Explanation, Heat
from overread.explanation.gradient import backpropagate

Weighing = Callable[[Tensor, Tensor], Tensor]
"""Activations and gradients, (n, c, h, w) each, to weights that broadcast to that shape."""


def cam(weigh: Weighing) -> Explanation:
    """Decorator: a way to weigh channels becomes a method; the map is ReLU(sum over channels of weight x activation)."""

    @wraps(weigh)
    def method(network: nn.Module, pixels: Tensor, codes: Tensor, layer: str) -> Heat:
        passed = backpropagate(network, pixels, codes, layer)
        maps = (weigh(passed.activations, passed.gradients) * passed.activations).sum(dim=1).relu()
        return Heat(maps.cpu().numpy(), passed.scores.cpu().numpy(), codes.cpu().numpy(), layer)

    return method
