"""Films of three parts, told by where a bar lies; a bright spot is abnormal in two of them, normal in the third."""

import json
from collections.abc import Callable
from dataclasses import dataclass
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
from overread.learners.cascade import Cascade
from overread.recipe import Recipe, check
from overread.run import Workspace

PARTS = ("ELBOW", "HAND", "WRIST")

BARS = (np.s_[4:12, 4:60], np.s_[4:60, 4:12], np.s_[52:60, 4:60])

QUICK = {"kind": "finetune", "augment": "none", "batch": 16, "phases": [{"trains": "head", "epochs": 1, "rate": 1e-2}]}
"""A member that learns little, in a blink."""

SOLVED = {"kind": "probe", "folds": 2}


def make_body(place: Path, n: int, few: int | None = None, names: tuple[str, ...] = PARTS) -> Catalog:
    """n films, one a patient; 50 % train, 20 % val, 30 % test; of the second part only `few` are in train if a number is given."""
    draw, number = np.random.default_rng(0), np.arange(n)
    part, abnormal = number % 3, (number // 3) % 2 == 1
    table = pd.DataFrame({"row": number.astype(str), "patient": [f"p{i}" for i in number], "image": [f"{i}.png" for i in number]})
    table["file"] = [str(place / name) for name in table["image"]]
    table["abnormal"] = np.where(abnormal, "positive", "negative")
    table["body_part"] = np.array(names, dtype=object)[part]
    table["split"] = np.select([number < 0.5 * n, number < 0.7 * n], ["train", "val"], "test")
    table["component"] = table["patient"]
    for file, where, bright in zip(table["file"], part, abnormal != (part == 2), strict=True):
        film = draw.normal(90, 12, (64, 64))
        film[BARS[where]] += 90
        film[22:42, 22:42] += 50 if bright else -50
        Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(file)
    if few is not None:
        table = table.drop(table.index[(table["split"] == "train") & (part == 1)][few:])
    asked = {"abnormal": Target("binary", ("negative", "positive"), "positive"), "body_part": Target("multiclass", tuple(sorted(names)))}
    return scan(Catalog(table, asked, source="folder:films"), Fitting(64), Cache(), 1)[0]


def make_recipe(router: dict[str, Any], expert: dict[str, Any], **learner: Any) -> Recipe:
    """A cascade on a random test_resnet at 64 px in float32."""
    tree = {
        "image": {"size": 64},
        "backbone": {"name": "test_resnet", "pretrained": False},
        "learner": {"kind": "cascade", "router": router, "expert": expert, "own": 5, **learner},
        "runtime": {"threads": 1, "precision": "fp32"},
    }
    return check(tree, "test")


@pytest.fixture(scope="session")
def making() -> tuple[Callable[..., Catalog], Callable[..., Recipe], dict[str, Any]]:
    """`make_body`, `make_recipe` and a quick member, for what is made once."""
    return make_body, make_recipe, QUICK


@pytest.fixture
def body(tmp_path: Path) -> Callable[..., Catalog]:
    """Scanned films; see `make_body`."""
    return lambda n=90, **told: make_body(Path(mkdtemp(dir=tmp_path)), n, **told)


@pytest.fixture
def telling() -> Callable[..., Recipe]:
    """A recipe of members that learn little, in a blink; keywords go to `learner`."""
    return lambda router=QUICK, expert=QUICK, **learner: make_recipe(router, expert, **learner)


@dataclass(frozen=True)
class Fitted:
    model: Any
    workspace: Workspace

    @property
    def log(self) -> list[dict[str, Any]]:
        """What was logged, but for the clock."""
        told = [json.loads(line) for line in self.workspace.journal.read_text().splitlines()]
        return [{key: value for key, value in event.items() if key not in ("time", "seconds", "images_per_second")} for event in told]


@pytest.fixture
def cascading(tmp_path: Path) -> Callable[..., Fitted]:
    """Fit in a fresh corner, or in the one that is given."""

    def run(data: Catalog, told: Recipe, seed: int = 0, workspace: Workspace | None = None) -> Fitted:
        corner = Path(mkdtemp(dir=tmp_path))
        workspace = workspace or Workspace(corner, corner / "log.jsonl", {})
        return Fitted(Cascade.fit(data, told, workspace, seed), workspace)

    return run


@dataclass(frozen=True)
class Planted:
    """A saved cascade that has learnt its films, and those; nothing changes either."""

    folder: Path
    data: Catalog


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    place = tmp_path_factory.mktemp("cascade")
    for name in ("films", "corner"):
        (place / name).mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(place / "cache"))
        data = make_body(place / "films", 240)
        told = make_recipe({**SOLVED, "strengths": [10]}, {**SOLVED, "strengths": [0.01]})
        Cascade.fit(data, told, Workspace(place / "corner", place / "log.jsonl", {}), 0).save(place / "model")
    return Planted(place / "model", data)


@pytest.fixture
def planted(once: Planted, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """The cascade, in the cache that it was made in: features are not computed again for every test."""
    monkeypatch.setenv("OVERREAD_CACHE", str(once.folder.parent / "cache"))
    return once
