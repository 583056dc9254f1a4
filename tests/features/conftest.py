"""Pictures that lie in the cache alone, and tiny networks with weights of their own."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from overread.backbones.create import Trunk, create
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.recipe import Backbone, Image


@pytest.fixture
def pictures() -> Callable[..., Pictures]:
    """Squares of smooth noise, each its own; picture i is the same whoever asks for it."""

    def make(places: range | list[int] = range(24), size: int = 64, fit: str = "letterbox") -> Pictures:
        fitting, cache = Fitting(size, fit), Cache()
        names = [f"{place:064x}" for place in places]
        for place, name in zip(places, names, strict=True):
            coarse = np.random.default_rng(place).integers(0, 256, (8, 8, 3), np.uint8)
            cache.keep_picture(name, fitting, np.kron(coarse, np.ones((size // 8, size // 8, 1), np.uint8)))
        return Pictures(pd.DataFrame({"row": [f"r{place}" for place in places], "file": names, "bytes_sha": names}), fitting, cache)

    return make


@pytest.fixture
def network() -> Callable[..., Trunk]:
    """A tiny network with weights drawn from a seed."""

    def make(name: str = "test_resnet", seed: int = 0, size: int = 64, **options: object) -> Trunk:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return create(Backbone(name=name, pretrained=False, **options), Image(size=size)).eval()

    return make


@pytest.fixture
def forwards() -> Callable[[Trunk], list[int]]:
    """The pictures of every pass that torch makes through a network from now on, one number a pass."""

    def count(trunk: Trunk) -> list[int]:
        seen: list[int] = []
        trunk.register_forward_hook(lambda module, given, out: seen.append(len(given[0])))
        return seen

    return count
