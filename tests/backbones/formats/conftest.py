"""Small vision transformers of several authors, with every number drawn, and the network of timm that should say the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from overread.backbones.torchvision import timm
from overread.backbones.weights import pour, read

SHAPE = {"patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 2, "num_classes": 0}
"""Of every small network: pictures of 32 px are its native grid of 4 by 4."""


@pytest.fixture
def drawn() -> Callable[[nn.Module], nn.Module]:
    """Draw all of a network's numbers: those that begin as 0 or 1 would hide a mistake."""

    def draw(network: nn.Module) -> nn.Module:
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
        return network.eval()

    return draw


@pytest.fixture
def pictures() -> Callable[[int], Tensor]:
    return lambda size: torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def ours() -> Callable[..., Tensor]:
    """What timm's network of these options makes of pictures, filled from a file as a user would fill it."""

    def see(file: Path, pixels: Tensor, **options: object) -> Tensor:
        network = timm.models.VisionTransformer(img_size=pixels.shape[-1], **{**SHAPE, **options}).eval()
        pour(read(file), network, "small", ("head.",))
        with torch.no_grad():
            return network(pixels)

    return see
