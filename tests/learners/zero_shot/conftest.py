"""A small CLIP with random weights, as OpenCLIP makes and saves it, and recipes that ask it in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from overread.backbones.torchvision import timm  # noqa: F401  (before open_clip: it repairs torchvision)
from overread.learners.network.model import NetworkModel
from overread.learners.zero_shot import ZeroShot
from overread.recipe import Recipe, check
from overread.run import Workspace

import open_clip  # isort: skip

NAME = "vit_xsmall_patch16_clip_224.tinyclip_yfcc15m"
"""timm's name for an image tower of this shape."""

VISION = {"image_size": 64, "patch_size": 16, "width": 256, "layers": 10, "head_width": 64}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 128, "heads": 2, "layers": 2}


@pytest.fixture(scope="session")
def clip() -> Any:
    """OpenCLIP's own model, which answers as published ones do: a scale that CLIP might have learnt, embeddings that differ."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.model.CLIP(512, VISION, TEXT).eval()
        with torch.no_grad():
            model.logit_scale.fill_(3.5)
            model.positional_embedding.normal_(std=0.1)
    return model


@pytest.fixture(scope="session")
def file(clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its state, as torch saves it."""
    path = tmp_path_factory.mktemp("clip") / "clip.pt"
    torch.save(clip.state_dict(), path)
    return path


@pytest.fixture
def asking(file: Path) -> Callable[..., Recipe]:
    """A recipe for it at 64 px in float32; `backbone` keys replace its own, other keywords go to `learner`."""

    def make(backbone: dict[str, Any] | None = None, **learner: Any) -> Recipe:
        tree = {
            "image": {"size": 64},
            "backbone": {"name": NAME, "weights": str(file), **(backbone or {})},
            "learner": {"kind": "zero-shot", **learner},
            "runtime": {"threads": 1, "precision": "fp32"},
        }
        return check(tree, "test")

    return make


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., NetworkModel]:
    """Put the prompts into the last layer."""

    def run(data: Any, told: Recipe) -> NetworkModel:
        return ZeroShot.fit(data, told, Workspace(tmp_path, tmp_path / "log.jsonl", {}), 0)

    return run
