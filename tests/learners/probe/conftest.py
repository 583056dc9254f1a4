"""Made-up features whose classes are known, and films with patients for a probe to learn from."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from overread.catalog import Catalog
from overread.learners.probe.rows import Rows
from overread.recipe import Recipe, check


def made_rows(n: int = 240, d: int = 12, classes: int = 2, seed: int = 0) -> Rows:
    """Rows of correlated, skewed features, two a component; their class follows a linear rule with noise, the first is the commonest."""
    draw = np.random.default_rng(seed)
    components = np.arange(n) // 2
    hidden = draw.normal(size=(n, d)) * np.arange(1, d + 1) ** -0.5
    logits = 3 * hidden @ np.random.default_rng(7).normal(size=(d, classes)) + np.linspace(1, 0, classes)
    codes = (logits + draw.gumbel(size=logits.shape)).argmax(1)
    codes = np.repeat(codes[::2], 2)[:n]
    hidden[1::2] = hidden[::2] + 0.1 * draw.normal(size=hidden[1::2].shape)
    features = np.maximum(hidden @ np.random.default_rng(8).normal(size=(d, d)) + 0.5, 0).astype(np.float32)
    return Rows(features, codes, np.ones(n), components.astype(str).astype(object), classes)


@pytest.fixture
def rows() -> Callable[..., Rows]:
    return made_rows


@pytest.fixture
def data(catalog: Callable[..., Catalog]) -> Callable[..., Catalog]:
    """The films of this room, each patient a component."""

    def make(n: int = 100) -> Catalog:
        films = catalog(n)
        return films.replace(films.frame.assign(component=films.frame["patient"]))

    return make


@pytest.fixture
def told() -> Callable[..., Recipe]:
    """A probe's recipe for test_resnet at 64 px in float32; keywords go to `learner`."""

    def make(backbone: str = "test_resnet", precision: str = "fp32", **learner: Any) -> Recipe:
        tree = {
            "image": {"size": 64},
            "backbone": {"name": backbone, "pretrained": False},
            "learner": {"kind": "probe", **learner},
            "runtime": {"threads": 1, "precision": precision},
        }
        return check(tree, "test")

    return make
