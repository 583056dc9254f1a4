"""Models so small that who speaks for a film, and where it looks, is known: one network alone, and a cascade in which bright films go to the
hand's expert, dark ones elsewhere.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from overread.backbones.preprocess import Preprocess
from overread.catalog import Target
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.recipe import Runtime
from overread.registry import LEARNERS


def eye(weights: list[float], bias: list[float], cell: int = 8) -> nn.Module:
    """A network of one channel, the mean light of each cell, pooled by its mean and read by a linear output."""
    network = nn.Sequential(nn.Conv2d(3, 1, cell, stride=cell), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, len(weights)))
    with torch.no_grad():
        network[0].weight.fill_(1 / (3 * cell**2))
        network[0].bias.zero_()
        network[4].weight.copy_(torch.tensor(weights)[:, None])
        network[4].bias.copy_(torch.tensor(bias))
    return network.eval()


class Eye:
    """A model of one network, whose one logit says that a film is broken; a learner of its own, as a guest may bring one."""

    targets = {"label": Target("binary", ("not broken", "broken"), "broken")}  # noqa: RUF012
    fitting = Fitting(64)
    preprocess = Preprocess(64).unit()
    runtime = Runtime(threads=1)
    network: nn.Module

    @classmethod
    def load(cls, folder):
        return cls()

    def networks(self):
        return {"eye": self.network}

    def speakers(self, answers):
        return {"label": ["eye"] * len(answers)}

    def predict(self, catalog):
        pixels = np.stack(list(Pictures(catalog.frame, self.fitting, Cache())))
        with torch.no_grad():
            logits = self.network(self.preprocess.normalise(torch.from_numpy(pixels)))[:, 0].double().numpy()
        return pd.DataFrame({"row": catalog.frame["row"], "raw:label:not broken": 0.0, "raw:label:broken": logits})


class Guide:
    """Routes by mean light (a hand from 0.5), and asks the hand's expert, or the pooled one, whose logits are four times as large."""

    targets = {  # noqa: RUF012
        "abnormal": Target("binary", ("negative", "positive"), "positive"),
        "body_part": Target("multiclass", ("foot", "hand", "leg")),
    }
    fitting = Fitting(64)
    preprocess = Preprocess(64).unit()
    runtime = Runtime(threads=1)
    cell = 8
    """Edge of a cell of the hand's expert, in pixels."""

    def __init__(self) -> None:
        self.named = {
            "router": eye([0.0, 20.0, 0.0], [-9.0, -10.0, 0.0]),
            "pooled": eye([64.0], [0.0]),
            "expert-hand": eye([16.0], [-10.0], self.cell),
        }

    @classmethod
    def load(cls, folder):
        return cls()

    def networks(self):
        return self.named

    def speakers(self, answers):
        experts = ["expert-hand" if part == "hand" else "pooled" for part in answers["route"]]
        return {"abnormal": experts, "body_part": ["router"] * len(answers)}

    def predict(self, catalog):
        pixels = self.preprocess.normalise(torch.from_numpy(np.stack(list(Pictures(catalog.frame, self.fitting, Cache())))))
        with torch.no_grad():
            said = {name: network(pixels).double().numpy() for name, network in self.named.items()}
        parts = np.array(self.targets["body_part"].classes, dtype=object)
        route = parts[said["router"].argmax(1)]
        abnormal = np.where(route == "hand", said["expert-hand"][:, 0], said["pooled"][:, 0])
        return pd.DataFrame(
            {
                "row": catalog.frame["row"],
                "raw:abnormal:negative": 0.0,
                "raw:abnormal:positive": abnormal,
                **{f"raw:body_part:{part}": said["router"][:, place] for place, part in enumerate(parts)},
                "route": route,
                "abstained:abnormal": np.abs(said["router"][:, 1]) < 2,
            }
        )


def as_it_is(target: Target) -> dict[str, object]:
    """A decision that changes nothing."""
    told = {"method": "none", "slope": 1.0, "bias": [0.0] * len(target.classes), "n": 0, "note": ""}
    return {**told, "threshold": 0.5, "rule": "one half"} if target.kind == "binary" else {**told, "threshold": None, "rule": "likeliest class"}


@pytest.fixture(scope="session")
def by_study() -> list[str]:
    """Settings of a probe that is solved in seconds and counts studies."""
    return [
        *("image.size=64", "backbone.name=test_resnet", "backbone.pretrained=false", "learner.strengths=[0.01]", "runtime.threads=1"),
        *("split.fractions=[0.4, 0.3, 0.3]", "split.near_copies=false", "evaluation.draws=200", "evaluation.unit=study"),
    ]


@pytest.fixture
def seen_by(trained, tmp_path, monkeypatch):
    """Make a run folder whose model is this network."""

    def make(network: nn.Module) -> Path:
        monkeypatch.setitem(LEARNERS._members, "eye", type("Own", (Eye,), {"network": network.eval()}))
        run = shutil.copytree(trained.folder, tmp_path / "seen")
        (run / "model" / "model.json").write_text(json.dumps({"kind": "eye"}))
        return run

    return make


@pytest.fixture
def bright(seen_by) -> Path:
    """A run folder whose model calls a film broken the more light it holds."""
    return seen_by(eye([64.0], [0.0]))


@pytest.fixture
def cascade() -> type[Guide]:
    """The model, to be changed."""
    return Guide


@pytest.fixture
def guide(trained, tmp_path, monkeypatch) -> Path:
    """A run folder of that model."""
    monkeypatch.setitem(LEARNERS._members, "guide", Guide)
    run = shutil.copytree(trained.folder, tmp_path / "guide")
    (run / "model" / "model.json").write_text(json.dumps({"kind": "guide"}))
    (run / "model" / "decision.json").write_text(json.dumps({name: as_it_is(target) for name, target in Guide.targets.items()}))
    return run


@pytest.fixture
def two(tmp_path) -> list[Path]:
    """A bright film, black in its upper left cell, and a dark one with a bright dot in its lower right cell."""
    bright, dark = np.full((64, 64), 200, np.uint8), np.zeros((64, 64), np.uint8)
    bright[:8, :8], dark[56:, 56:] = 0, 250
    for name, film in (("bright", bright), ("dark", dark)):
        Image.fromarray(film).save(tmp_path / f"{name}.png")
    return [tmp_path / "bright.png", tmp_path / "dark.png"]
