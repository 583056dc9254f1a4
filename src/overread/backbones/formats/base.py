"""What a published format of weights is: tensors that can be told from others', and a way to timm's names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Format:
    """A way of naming and shaping the tensors of a network.

    Attributes
    ----------
    name : str
        As its users call it.
    recognise : callable
        Whether tensors, as they stand in a file, are of this format.
    translate : callable
        (tensors, network) to tensors named as in timm's network; position embeddings are brought to the network's grid as the
        format's author brings them there. Names that it does not know are kept, so that they are reported.
    """

    name: str
    recognise: Callable[[Tensors], bool]
    translate: Callable[[Tensors, nn.Module], Tensors]


def renamed(tensors: Tensors, names: Sequence[tuple[str, str]]) -> dict[str, Tensor]:
    """The tensors with each piece of a name replaced, in the order given."""
    given = {}
    for name, tensor in tensors.items():
        for old, new in names:
            name = name.replace(old, new)
        given[name] = tensor
    return given


def joined(tensors: Tensors) -> dict[str, Tensor]:
    """Query, key and value (`attn.q`, `attn.k`, `attn.v`) stacked to timm's `attn.qkv`."""
    given = {}
    for name, tensor in tensors.items():
        if ".attn.q." in name:
            parts = [tensor, *(tensors[name.replace(".attn.q.", f".attn.{letter}.")] for letter in "kv")]
            given[name.replace(".attn.q.", ".attn.qkv.")] = torch.cat(parts)
        elif ".attn.k." not in name and ".attn.v." not in name:
            given[name] = tensor
    return given
