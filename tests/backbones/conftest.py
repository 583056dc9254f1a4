"""Weights of tiny networks in files, as a user would have them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from overread.backbones.torchvision import timm


@pytest.fixture(autouse=True)
def no_folder_of_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OVERREAD_WEIGHTS", raising=False)


@pytest.fixture
def tensors() -> Callable[..., dict[str, torch.Tensor]]:
    """A tiny network's state dict, its values drawn from a seed."""

    def make(name: str = "test_resnet", seed: int = 0, **options: int) -> dict[str, torch.Tensor]:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return timm.create_model(name, **options).state_dict()

    return make


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., Path]:
    """Write tensors as .safetensors."""

    def write(tensors: dict[str, torch.Tensor], name: str = "weights.safetensors", **metadata: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        save_file({key: value.contiguous() for key, value in tensors.items()}, path, metadata or None)
        return path

    return write
