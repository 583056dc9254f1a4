"""One vector a picture from a network: as its authors pool, or by choice from a transformer's tokens or from every stage of a CNN."""

from collections.abc import Callable
from typing import Literal, cast

import torch
from torch import Tensor, nn

from overread.errors import UserError

Pool = Literal["own", "token", "token+mean", "mean", "stages"]


def pooled(network: nn.Module, pixels: Tensor, pool: Pool) -> Tensor:
    """Normalised pictures (n, 3, size, size) to features (n, d).

    ``own`` is what the network gives. The others are read after its last norm: ``token`` the class token, ``mean`` the mean of the patch
    tokens (registers and class token left out), ``token+mean`` both, one after the other: what DINOv2's linear probes stand on
    (Oquab et al. 2023). ``stages`` puts the mean over the picture of what each stage of a convolutional network gives before its own
    features: what is small or grey-level is gone at the top (Evci et al. 2022, "Head2Toe").
    """
    if pool == "own":
        features: Tensor = network(pixels)
        return features
    if pool == "stages":
        top, maps = cast(Callable[..., tuple[Tensor, list[Tensor]]], network.forward_intermediates)(pixels)
        return torch.cat([*(stage.mean((2, 3)) for stage in maps), cast(Callable[[Tensor], Tensor], network.forward_head)(top)], dim=1)
    tokens = cast(Callable[[Tensor], Tensor], network.forward_features)(pixels)
    parts = []
    if pool != "mean":
        parts.append(tokens[:, 0])
    if pool != "token":
        parts.append(tokens[:, cast(int, network.num_prefix_tokens) :].mean(1))
    return torch.cat(parts, dim=1)


def check_pool(network: nn.Module, pool: Pool, name: str) -> None:
    """Refuse to pool tokens or stages that the network does not have.

    Raises
    ------
    UserError
        It has none, or no class token.
    """
    if pool == "own":
        return
    if pool == "stages":
        if hasattr(network, "num_prefix_tokens") or not hasattr(network, "forward_intermediates"):
            raise UserError(f"{name} has no stages to pool", f"backbone.pool: {pool}", "leave pool out, or name a convolutional network of timm")
        return
    if not hasattr(network, "num_prefix_tokens") or not hasattr(network, "forward_features"):
        raise UserError(f"{name} has no tokens to pool", f"backbone.pool: {pool}", "leave pool out, or name a vision transformer")
    if pool != "mean" and getattr(network, "cls_token", None) is None:
        raise UserError(f"{name} has no class token", f"backbone.pool: {pool}", "leave pool out, or take the mean of its patches (mean)")
