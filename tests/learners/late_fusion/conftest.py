"""Films with a report and columns beside them, whose worth is planted."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest

from overread.catalog import Catalog
from overread.learners.late_fusion import LateFusion
from overread.recipe import Recipe, check
from overread.run import Workspace

IMAGE = {"kind": "finetune", "augment": "none", "batch": 16, "phases": [{"trains": "all", "epochs": 3, "rate": 3e-3}]}
"""An image part that learns in a second."""

WORDS = "knee joint bone soft tissue lateral view swelling none seen marked"


@pytest.fixture
def beside(catalog: Callable[..., Catalog]) -> Callable[..., Catalog]:
    """n films with `age` (broken ones older; a tenth blank), `ward` (says nothing), `report` (broken ones more often "painful", each with a
    patient's name) and `noise`."""

    def make(n: int = 120) -> Catalog:
        films, draw = catalog(n), np.random.default_rng(1)
        broken = (films.frame["label"] == "broken").to_numpy()
        age = np.where(draw.random(n) < 0.1, "", (50 + 12 * broken + draw.normal(0, 8, n)).round(1).astype(str))
        report = [
            " ".join(
                [
                    f"Zx{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 20 % 10]}",
                    *draw.choice(WORDS.split(), 6),
                    "painful" if draw.random() < 0.2 + 0.6 * b else "",
                ]
            )
            for i, b in enumerate(broken)
        ]
        frame = films.frame.assign(age=age, ward=draw.choice(["a", "b", "c"], n), report=report, noise=draw.normal(0, 1, n))
        return films.replace(frame.assign(component=frame["patient"]))

    return make


@pytest.fixture
def fusing() -> Callable[..., Recipe]:
    """A recipe for late fusion over test_resnet; keywords go to `learner`."""

    def make(image: dict[str, Any] | None = None, **learner: Any) -> Recipe:
        tree = {
            "image": {"size": 64},
            "backbone": {"name": "test_resnet", "pretrained": False},
            "learner": {"kind": "late-fusion", "image": image or IMAGE, **learner},
            "runtime": {"threads": 1, "precision": "fp32"},
        }
        return check(tree, "test")

    return make


@pytest.fixture
def fused(tmp_path: Path) -> Callable[..., Any]:
    """Fit; returns the model and the log's events."""

    def run(data: Catalog, told: Recipe, seed: int = 0) -> Any:
        corner = Path(mkdtemp(dir=tmp_path))
        model = LateFusion.fit(data, told, Workspace(corner, corner / "log.jsonl", {}), seed)
        return model, [json.loads(line) for line in (corner / "log.jsonl").read_text().splitlines()]

    return run
