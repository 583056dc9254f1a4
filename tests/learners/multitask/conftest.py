"""Films of two questions: whether a bar crosses them, and how bright their corner is; and recipes that ask both."""

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
from overread.learners.multitask import Multitask
from overread.recipe import Recipe, check
from overread.run import Workspace

BROKEN = Target("binary", ("not broken", "broken"), "broken")
REGION = Target("multiclass", ("hand", "hip", "leg"))
GRADE = Target("ordinal", ("hand", "hip", "leg"))
HEAD = {"trains": "head", "epochs": 2, "rate": 1e-2}
ALL = {"trains": "all", "epochs": 3, "rate": 3e-3}


@pytest.fixture
def two(tmp_path: Path) -> Callable[..., Catalog]:
    """n films of 64 px, two a patient: 60 % train, 20 % val, 20 % test; `label` by a bright bar, `region` by the corner."""

    def make(n: int = 60, region: Target = REGION) -> Catalog:
        draw = np.random.default_rng(0)
        patient = np.arange(n) // 2
        table = pd.DataFrame({"row": np.arange(n).astype(str), "patient": patient.astype(str)})
        table["label"] = np.where(patient % 2 == 1, "broken", "not broken")
        table["region"] = region.decode(np.arange(n) % 3)
        table["split"] = np.select([patient < 0.3 * n, patient < 0.4 * n], ["train", "val"], "test")
        table["image"] = [f"{i}.png" for i in range(n)]
        table["file"] = [str(tmp_path / name) for name in table["image"]]
        for file, label, place in zip(table["file"], table["label"], np.arange(n) % 3, strict=True):
            film = draw.normal(90, 20, (64, 64))
            film[44:, :20] += 55 * place
            if label == "broken":
                at = int(draw.integers(4, 32))
                film[at : at + 8, 16:-16] += 90
            Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(file)
        return scan(Catalog(table, {"label": BROKEN, "region": region}, source="folder:films"), Fitting(64), Cache(), 1)[0]

    return make


@pytest.fixture
def both() -> Callable[..., Recipe]:
    """A recipe for test_resnet at 64 px in float32; keywords go to `learner`."""

    def make(backbone: str = "test_resnet", **learner: Any) -> Recipe:
        plain = {"kind": "multitask", "augment": "none", "batch": 12, "phases": [ALL]}
        tree = {
            "image": {"size": 64},
            "backbone": {"name": backbone, "pretrained": False},
            "learner": {**plain, **learner},
            "runtime": {"threads": 1, "precision": "fp32"},
        }
        return check(tree, "test")

    return make


@pytest.fixture
def learnt(two: Callable[..., Catalog], both: Callable[..., Recipe], tmp_path: Path) -> Callable[..., Any]:
    """Fit on the films; returns the model and the log's events."""

    def run(data: Catalog | None = None, told: Recipe | None = None, seed: int = 0) -> Any:
        corner = Path(mkdtemp(dir=tmp_path))
        model = Multitask.fit(data or two(), told or both(), Workspace(corner, corner / "log.jsonl", {"fold": 1}), seed)
        return model, [json.loads(line) for line in (corner / "log.jsonl").read_text().splitlines()]

    return run
