"""Networks so small that where they look is known."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn


class Seer(nn.Module):
    """One channel that answers to brightness and one that answers to darkness, pooled by their means, read by a linear output."""

    def __init__(self, outputs: int, weights: list[float]) -> None:
        super().__init__()
        self.eyes = nn.Conv2d(3, 2, 8, stride=8)
        self.act = nn.ReLU(inplace=True)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(2, outputs)
        with torch.no_grad():
            self.eyes.weight.zero_()
            self.eyes.weight[0, 0], self.eyes.weight[1, 0] = 1 / 64, -1 / 64  # exact in binary: what is not seen is zero
            self.eyes.bias.copy_(torch.tensor([0.0, 1.0]))
            self.head.weight.copy_(torch.tensor(weights).reshape(outputs, 2))
            self.head.bias.fill_(0.25)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.head(self.pool(self.act(self.eyes(pixels))).flatten(1))


@pytest.fixture
def seer() -> Callable[..., Seer]:
    """A network whose positive class is the bright dot: weights of (bright, dark) an output."""

    def make(*weights: float) -> Seer:
        given = list(weights or (2.0, -1.0))
        return Seer(len(given) // 2, given).eval()

    return make


@pytest.fixture
def dots() -> Callable[..., Tensor]:
    """Black pictures of 64 px, each with a bright square of 8 px in the cell (row, column) that is named."""

    def make(*cells: tuple[int, int]) -> Tensor:
        pixels = torch.zeros(len(cells), 3, 64, 64)
        for picture, (row, column) in zip(pixels, cells, strict=True):
            picture[:, 8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = 1
        return pixels

    return make
