"""Which layer of a network to look at: one that is named, or the last that still holds a map of the picture, be it of tokens."""

from typing import Any

import torch
from torch import Tensor, nn

from overread.errors import UserError, nearest
from overread.explanation.rest import at_rest, cut
from overread.explanation.tokens import Grid, grid_of


def find(network: nn.Module, size: int, name: str | None = None) -> str:
    """The name of a layer whose output is a map, (n, channels, h, w) with h = w > 1 as pictures are square, or the tokens of such a grid.

    Parameters
    ----------
    network : torch.nn.Module
        (n, 3, size, size) to logits.
    size : int
    name : str, optional
        Of a module as the network names it, what wraps it left out: ``layer4``, ``layer3.1``, ``blocks.5``. By default the outermost module
        that gives the last map before pooling: ``layer4`` of a ResNet, ``bn2`` (the last convolution, normalised and rectified) of an
        EfficientNet. Of a vision transformer the norm before the last attention: ``blocks.11.norm1``.

    Raises
    ------
    UserError
        No such layer (the nearest is named), one that gives no map, one above which only the class token counts, or a network that pools
        neither a map nor a vision transformer's tokens.
    """
    given = _outputs(network, size)
    if name is None:
        return _short(network, _last_map(network, given, size))
    whole = _whole(network, name)
    shape = dict(given).get(whole)
    if shape and _is_map(shape):
        return _short(network, whole)
    grid = grid_of(network, whole, (size, size))
    if shape is None or grid is None or not grid.fits(shape):
        told = f"gives {_written(shape)}" if shape else "gives no tensor"
        mend = "name a convolution, or a stage of them" if grid is None else "name a block of the transformer, or the norm before its attention"
        raise UserError(f"layer {name!r} {told}, not a map (n, channels, height, width)", "layer", mend)
    if _reads_prefix_alone(network, whole, size, grid):
        below = grid.default([name for name, _ in given])
        what = f"above layer {name!r} the class token alone is read, and that has no place in the picture"
        raise UserError(what, "layer", f"name one below the last attention{f', such as {_short(network, below)}' if below else ''}")
    return _short(network, whole)


def module(network: nn.Module, name: str) -> nn.Module:
    """The module of that name."""
    return network.get_submodule(_whole(network, name))


def as_map(network: nn.Module, name: str, size: tuple[int, int], output: Tensor) -> Tensor:
    """What a layer that `find` names gave for pictures of that height and width, as (n, channels, h, w)."""
    grid = grid_of(network, _whole(network, name), size) if output.ndim == 3 else None
    return output if grid is None else grid.lay(output)


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


def _last_map(network: nn.Module, given: list[tuple[str, tuple[int, ...]]], size: int) -> str:
    """The module that finishes last of those that do something and whose output is not pooled yet; of tokens, the last before attention."""
    unpooled = [
        (name, shape) for name, shape in given if len(shape) > 2 and shape[2:] != (1, 1) and not isinstance(network.get_submodule(name), nn.Identity)
    ]
    name, shape = unpooled[-1] if unpooled else ("", ())
    if _is_map(shape):
        return name
    grid = grid_of(network, name, (size, size))
    below = grid.default([name for name, _ in given]) if grid else None
    if grid is None or below is None or not grid.fits(dict(given)[below]):
        raise UserError(
            "this network pools neither a map of the picture nor a vision transformer's tokens",
            "layer",
            "explain a convolutional network or a plain vision transformer, or name a layer that gives a map (n, channels, height, width)",
        )
    return below


def _reads_prefix_alone(network: nn.Module, whole: str, size: int, grid: Grid) -> bool:
    """Whether no patch token of a layer reaches the output, while those before them do; one blank picture is sent through and back."""
    part = network.get_submodule(whole)
    with at_rest(network), cut(part) as leaves, torch.enable_grad():
        output = network(torch.zeros(1, 3, size, size, device=next(network.parameters()).device))
        uneven = torch.arange(1.0, output.shape[1] + 1, device=output.device)  # a norm's plain sum has no gradient
        reached = torch.autograd.grad((output * uneven).sum(), leaves, allow_unused=True)[-1] if output.requires_grad else None
    return reached is not None and bool(reached.any()) and not bool(grid.lay(reached).any())


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
