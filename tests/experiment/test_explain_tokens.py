"""Maps of a vision transformer's tokens through whole runs, and their place in a film that letterbox made square."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from overread import explain
from overread.backbones.torchvision import timm
from overread.experiment.train import train
from overread.recipe import load

PROBE = [
    *("image.size=64", "backbone.pretrained=false", "learner.strengths=[0.01,0.1]", "learner.few_shot=false"),
    *("split.fractions=[0.5, 0.2, 0.3]", "split.near_copies=false", "evaluation.draws=200", "runtime.threads=1"),
]


def gathering() -> nn.Module:
    """A transformer whose class token is filled by the last attention with the mean of all patches, and is read for brightness."""
    vit = timm.create_model("test_vit", pretrained=False, num_classes=1, img_size=64)
    with torch.no_grad():
        for held in vit.parameters():
            held.zero_()
        for norm in (block.norm1 for block in vit.blocks):
            norm.weight.fill_(1)
        vit.patch_embed.proj.weight[0] = 1 / 768
        vit.blocks[-1].attn.qkv.weight[128:] = torch.eye(64)
        vit.blocks[-1].attn.proj.weight.copy_(torch.eye(64))
        vit.head.weight[0, 0] = 1
    vit.norm = nn.Identity()
    return vit


@pytest.mark.parametrize("method", ["grad-cam", "grad-cam-plus-plus", "hires-cam"])
@pytest.mark.parametrize("cell", [(0, 0), (1, 2), (0, 3)])
def test_the_heat_lies_on_the_planted_patch_in_the_films_own_pixels(seen_by, tmp_path, method, cell):
    """A film of 128 x 64 px is shrunk to 64 x 32 in the square's middle: a token stands for 32 px of the film."""
    row, column = cell
    film = np.zeros((64, 128), np.uint8)
    film[32 * row : 32 * row + 32, 32 * column : 32 * column + 32] = 250
    Image.fromarray(film).save(tmp_path / "film.png")

    explain(seen_by(gathering()), [str(tmp_path / "film.png")], tmp_path / "heat", method=method, label="broken")

    told = pd.read_csv(tmp_path / "heat" / "heat.csv").iloc[0]
    assert told["layer"] == "blocks.5.norm1"
    assert told["peak"] > 0
    assert abs(told["x"] - (32 * column + 16)) <= 2
    assert abs(told["y"] - (32 * row + 16)) <= 2
    if method != "grad-cam-plus-plus":
        assert 16 * told["mean"] == pytest.approx(told["score"], rel=1e-4)


@pytest.mark.parametrize(
    ("backbone", "layer"),
    [
        ("{name: test_vit}", "blocks.5.norm1"),
        ("{name: test_vit, pool: token+mean}", "blocks.5.norm1"),
        ("{name: test_resnet, beside: [{name: test_vit, pretrained: false}]}", "blocks.5.norm1"),
    ],
)
def test_a_saved_probe_on_tokens_is_explained(films, tmp_path, backbone, layer):
    films(60)
    source = f"table:{tmp_path / 'films' / 'films.csv'}"
    train(load("probe", [f"backbone={backbone}", *PROBE], [source]), tmp_path / "run")
    shown = json.loads((tmp_path / "run" / "heat.json").read_text())
    assert shown["layer"] == layer
    assert shown["maps"]
    assert "No heat maps" not in (tmp_path / "run" / "report.html").read_text()

    explain(tmp_path / "run", [str(tmp_path / "films" / "film 0.png")], tmp_path / "heat")
    explain(tmp_path / "run", [str(tmp_path / "films" / "film 0.png")], tmp_path / "below", method="hires-cam", layer="blocks.2")

    own, below = (pd.read_csv(tmp_path / place / "heat.csv").iloc[0] for place in ("heat", "below"))
    assert (own["layer"], below["layer"]) == (layer, "blocks.2")
    assert own["score"] == pytest.approx(below["score"], rel=1e-5)
    assert below["peak"] > 0
