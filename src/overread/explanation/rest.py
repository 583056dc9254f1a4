"""A network at rest: it answers as at prediction, nothing in it would learn, and a graph begins where it is cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


@contextmanager
def at_rest(network: nn.Module) -> Iterator[None]:
    """In evaluation mode with every parameter held inside, as it was afterwards."""
    modes = {part: part.training for part in network.modules()}
    held = {parameter: parameter.requires_grad for parameter in network.parameters()}
    network.eval().requires_grad_(False)
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode
        for parameter, trains in held.items():
            parameter.requires_grad_(trains)


@contextmanager
def cut(part: nn.Module) -> Iterator[list[Tensor]]:
    """Begin the graph at a module's output; what it gave lies in the list. A copy goes on: activations work in place."""
    leaves: list[Tensor] = []

    def begin(module: nn.Module, given: Any, output: Tensor) -> Tensor:
        leaves.append(output.detach().requires_grad_())
        return leaves[-1].clone()

    hook = part.register_forward_hook(begin)
    try:
        yield leaves
    finally:
        hook.remove()
