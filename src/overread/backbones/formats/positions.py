"""Position embeddings of another grid: authors interpolate them each in their own way, and features follow."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def regrid(positions: Tensor, network: nn.Module, *, antialias: bool, offset: float = 0.0) -> Tensor:
    """Bring position embeddings to the grid of a network, bicubically.

    Parameters
    ----------
    positions : (1, 1 + side * side, d)
        The class token's first.
    network : torch.nn.Module
        timm's; its `patch_embed.grid_size` is the grid that is wanted.
    antialias : bool
        timm, OpenCLIP and Meta's DINOv2 with registers smooth before they shrink a grid; Hugging Face and Meta's DINOv2 without do not.
    offset : float
        What is added to the new grid's edge before it is divided by the old one's: Meta's DINOv2 without registers samples at the scale
        (edge + 0.1) / side. At 0 the grid's edge is what counts.

    Returns
    -------
    (1, 1 + height * width, d)
    """
    height, width = network.patch_embed.grid_size  # type: ignore[union-attr, misc]
    side = math.isqrt(positions.shape[1] - 1)
    if (height, width) == (side, side):
        return positions
    grid = positions[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    if offset:
        scale = ((height + offset) / side, (width + offset) / side)
        grid = functional.interpolate(grid, scale_factor=scale, mode="bicubic", antialias=antialias)
    else:
        grid = functional.interpolate(grid, size=(height, width), mode="bicubic", antialias=antialias)
    return torch.cat([positions[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
