"""Scanned films with a split by patient, and recipes for tiny networks from scratch."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.catalog import Catalog, Target
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan
from overread.learners.finetune import Finetune
from overread.recipe import Recipe, check
from overread.run import Workspace


@pytest.fixture
def catalog(tmp_path: Path) -> Callable[..., Catalog]:
    """n films of 64 px, two a patient: 60 % train, 20 % val, 20 % test, patients whole; a broken one has a bright bar across it."""

    def make(n: int = 60) -> Catalog:
        draw = np.random.default_rng(0)
        patient = np.arange(n) // 2
        table = pd.DataFrame({"row": np.arange(n).astype(str), "patient": patient.astype(str), "site": np.where(np.arange(n) % 3 == 0, "a", "b")})
        table["label"] = np.where(patient % 2 == 1, "broken", "not broken")
        table["split"] = np.select([patient < 0.3 * n, patient < 0.4 * n], ["train", "val"], "test")
        table["image"] = [f"{i}.png" for i in range(n)]
        table["file"] = [str(tmp_path / name) for name in table["image"]]
        for file, label in zip(table["file"], table["label"], strict=True):
            film = draw.normal(90, 20, (64, 64))
            if label == "broken":
                at = int(draw.integers(8, 48))
                film[at : at + 8, 16:-16] += 90
            Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(file)
        listed = Catalog(table, {"label": Target("binary", ("not broken", "broken"), "broken")}, source="folder:films")
        return scan(listed, Fitting(64), Cache(), 1)[0]

    return make


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """A recipe for test_resnet at 64 px in float32; keywords go to `learner`."""

    def make(backbone: str = "test_resnet", precision: str = "fp32", **learner: Any) -> Recipe:
        plain = {"augment": "none", "batch": 12, "phases": [{"trains": "all", "epochs": 3, "rate": 3e-3}]}
        tree = {
            "image": {"size": 64},
            "backbone": {"name": backbone, "pretrained": False},
            "learner": {**plain, **learner},
            "runtime": {"threads": 1, "precision": precision},
        }
        return check(tree, "test")

    return make


@pytest.fixture
def fitted(catalog: Callable[..., Catalog], recipe: Callable[..., Recipe], tmp_path: Path) -> Callable[..., Any]:
    """Fit on the films; returns the model and the log's events."""

    def run(data: Catalog | None = None, told: Recipe | None = None, seed: int = 0, log: str = "log.jsonl") -> Any:
        journal = tmp_path / log
        corner = Path(mkdtemp(dir=tmp_path))
        model = Finetune.fit(data or catalog(), told or recipe(), Workspace(corner, journal, {"fold": 1}), seed)
        return model, [json.loads(line) for line in journal.read_text().splitlines()]

    return run
