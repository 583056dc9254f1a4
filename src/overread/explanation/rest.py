"""A network at rest: it answers as at prediction, and nothing in it would learn."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


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
