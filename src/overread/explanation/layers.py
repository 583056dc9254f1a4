"""Which layer of a network to look at: one that is named, or the last that still holds a map of the picture."""

from typing import Any

import torch
from torch import Tensor, nn

from overread.errors import UserError, nearest
from overread.explanation.rest import at_rest


def find(network: nn.Module, size: int, name: str | None = None) -> str:
    """The name of a layer whose output is a map, (n, channels, h, w) with h = w > 1 as pictures are square.

    Parameters
    ----------
    network : torch.nn.Module
        (n, 3, size, size) to logits.
    size : int
    name : str, optional
        Of a module as the network names it, what wraps it left out: ``layer4``, ``layer3.1``. By default the outermost module that gives
        the last map before pooling: ``layer4`` of a ResNet, ``bn2`` (the last convolution, normalised and rectified) of an EfficientNet.

    Raises
    ------
    UserError
        No such layer (the nearest is named), one that gives no map, or a network that pools tokens instead of a map.
    """
    given = _outputs(network, size)
    if name is None:
        return _short(network, _last_map(network, given))
    whole = _whole(network, name)
    shape = dict(given).get(whole)
    if shape is None or not _is_map(shape):
        told = f"gives {_written(shape)}" if shape else "gives no tensor"
        raise UserError(f"layer {name!r} {told}, not a map (n, channels, height, width)", "layer", "name a convolution, or a stage of them")
    return _short(network, whole)


def module(network: nn.Module, name: str) -> nn.Module:
    """The module of that name."""
    return network.get_submodule(_whole(network, name))


def _outputs(network: nn.Module, size: int) -> list[tuple[str, tuple[int, ...]]]:
    """Every module that gives a tensor, with its shape, in the order they finish; one blank picture is sent through."""
    seen: list[tuple[str, tuple[int, ...]]] = []

    def watch(name: str) -> Any:
        def note(module: nn.Module, given: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                seen.append((name, tuple(output.shape)))

        return note

    hooks = [module.register_forward_hook(watch(name)) for name, module in network.named_modules() if name]
    try:
        with at_rest(network), torch.no_grad():
            network(torch.zeros(1, 3, size, size, device=next(network.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _last_map(network: nn.Module, given: list[tuple[str, tuple[int, ...]]]) -> str:
    """The module that finishes last of those that do something and whose output is not pooled yet; it must give a map, not tokens."""
    unpooled = [
        (name, shape) for name, shape in given if len(shape) > 2 and shape[2:] != (1, 1) and not isinstance(network.get_submodule(name), nn.Identity)
    ]
    if not unpooled or not _is_map(unpooled[-1][1]):
        raise UserError(
            "this network pools tokens, not a map of the picture, as transformers do",
            "layer",
            "explain a convolutional network, or name a layer that gives a map (n, channels, height, width)",
        )
    return unpooled[-1][0]


def _is_map(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[2] == shape[3] > 1


def _whole(network: nn.Module, name: str) -> str:
    """The full dotted name of the shallowest module whose name is, or ends in, this one."""
    fitting: list[str] = [whole for whole, _ in network.named_modules() if whole and f".{whole}".endswith(f".{name}")]
    if not fitting:
        known = {_short(network, whole) for whole, child in network.named_modules() if whole and next(child.children(), None) is not None}
        raise UserError(f"the network has no layer {name!r}", "layer", nearest(name, known))
    return min(fitting, key=lambda whole: whole.count("."))


def _short(network: nn.Module, whole: str) -> str:
    """The shortest ending of a full name that still means this module and does not begin with a number."""
    steps = whole.split(".")
    endings = (".".join(steps[start:]) for start in reversed(range(len(steps))) if not steps[start].isdigit())
    return next((ending for ending in endings if _whole(network, ending) == whole), whole)


def _written(shape: tuple[int, ...]) -> str:
    return f"({', '.join(['n', *map(str, shape[1:])])})"
