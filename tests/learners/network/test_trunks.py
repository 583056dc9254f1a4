"""Models on trunks that are more than a name: pooled by choice, or several side by side."""

import json

import numpy as np
import pytest
import torch

from overread.backbones.create import create
from overread.backbones.torchvision import timm
from overread.catalog import Target
from overread.explanation.explain import explain
from overread.imaging.cache import Cache
from overread.imaging.pictures import Pictures
from overread.learners.base import load
from overread.learners.finetune.adopt import adopt
from overread.recipe import Backbone, Image, names
from overread.recipe import load as load_recipe

PHASED = [name for name in names() if load_recipe(name).learner.get("phases")]

RAW = ["raw:label:not broken", "raw:label:broken"]


@pytest.mark.parametrize("name", PHASED)
def test_the_stages_that_a_recipe_of_the_house_trains_are_there(name):
    told = load_recipe(name)
    trunk = create(told.backbone.model_copy(update={"pretrained": False}), Image(size=64))

    for phase in told.learner["phases"]:
        assert bool(trunk.blocks.trained(phase["trains"])) == (phase["trains"] != "head")


def on(recipe, backbone):
    return recipe(phases=[{"trains": "head", "epochs": 1, "rate": 1e-2}, {"trains": "last 2", "epochs": 1, "rate": 1e-3}]).model_copy(
        update={"backbone": backbone}
    )


def test_networks_side_by_side_train_save_and_load_as_one(catalog, fitted, recipe, tmp_path):
    beside = (Backbone(name="test_vit", pretrained=False, pool="token+mean"), Backbone(name="test_efficientnet", pretrained=False))
    data = catalog(n=20)
    model, _ = fitted(data, on(recipe, Backbone(name="test_resnet", pretrained=False, beside=beside)))
    model.save(tmp_path / "model")

    again = load(tmp_path / "model")

    np.testing.assert_allclose(again.predict(data)[RAW], model.predict(data)[RAW], rtol=0, atol=1e-5)
    assert again.features(data).shape == (20, 96 + 128 + 256)
    told = json.loads((tmp_path / "model" / "model.json").read_text())["backbone"]
    assert [(member["name"], member["pool"]) for member in told["members"]] == [
        ("test_resnet", "own"), ("test_vit", "token+mean"), ("test_efficientnet", "own"),
    ]  # fmt: skip


def test_a_pool_by_choice_is_the_models_own_after_loading(catalog, fitted, recipe, tmp_path):
    data = catalog(n=20)
    model, _ = fitted(data, on(recipe, Backbone(name="test_vit", pretrained=False, pool="mean")))
    model.save(tmp_path / "model")

    again = load(tmp_path / "model")

    assert again.classifier.trunk.pool == "mean"
    np.testing.assert_allclose(again.predict(data)[RAW], model.predict(data)[RAW], rtol=0, atol=1e-5)


def test_a_layer_of_either_network_side_by_side_is_explained_by_its_place(catalog, fitted, recipe):
    data = catalog(n=20)
    model, _ = fitted(
        data, on(recipe, Backbone(name="test_resnet", pretrained=False, beside=(Backbone(name="test_efficientnet", pretrained=False),)))
    )
    pictures = Pictures(data.frame[:3], model.fitting, Cache())

    layers = [explain(model, pictures, np.ones(3, int), "grad-cam", layer).layer for layer in ("0.layer4", "1.blocks.4")]

    assert layers == ["layer4", "blocks.4"]


def test_a_clip_tower_that_was_fine_tuned_elsewhere_is_adopted_below_its_projection(tmp_path):
    name = "vit_xsmall_patch16_clip_224.tinyclip_yfcc15m"
    tuned = timm.create_model(name, num_classes=2).eval()
    torch.save(tuned.state_dict(), tmp_path / "tuned.pth")

    model = adopt(tmp_path / "tuned.pth", name, Image(), ["no", "yes"], "label", Target("binary", ("no", "yes"), "yes"))

    pixels = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        logits = tuned(pixels)
        torch.testing.assert_close(model.classifier.eval()(pixels), logits[:, 1:] - logits[:, :1], atol=1e-5, rtol=1e-5)
