"""The report's heat maps: which cases, on which scale, and what is said where there are none."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.errors import UserError
from overread.experiment.scoring.heat import SHOWN, draw_heat
from overread.experiment.train import train
from overread.learners.base import load
from overread.recipe import Explain
from overread.recipe import load as recipe
from overread.run import Run


@pytest.fixture
def told(trained):
    return json.loads((trained.folder / "heat.json").read_text())


def test_the_surest_mistakes_and_right_calls_are_shown_one_a_component(trained, told):
    run = Run.open(trained.folder)
    test = run.predictions[run.predictions["split"] == "test"].set_index("row")
    shown = pd.DataFrame(told["maps"])
    right = test["truth:label"] == test["decision:label"]
    component = run.catalog.frame.set_index("row")["component"]

    assert set(shown["kind"]) == {"mistake", "certain"}
    for kind, cases in shown.groupby("kind"):
        assert len(cases) <= SHOWN
        assert (right.loc[cases["row"]] == (kind == "certain")).all()
        assert component.loc[cases["row"]].is_unique
    certain = shown[shown["kind"] == "certain"]
    assert set(certain["decision"]) == {"broken", "not broken"}
    for label, cases in certain.groupby("decision"):
        assert cases["p"].max() == test.loc[right & (test["decision:label"] == label), f"p:label:{label}"].max()


def test_every_case_has_its_film_and_its_map_on_one_scale(trained, told):
    assert told["tops"] == {"label": max(case["peak"] for case in told["maps"])}
    assert told["tops"]["label"] > 0
    bars = set()
    for case in told["maps"]:
        assert (case["target"], case["network"], case["class"]) == ("label", "classifier", case["decision"])
        film, painted = (np.asarray(Image.open(trained.folder / case[key])) for key in ("film", "picture"))
        assert film.shape == (64, 64, 3)
        bars.add(painted[:, 64:].tobytes())
        if case["peak"] == 0:
            assert (painted[:64, :64] == film).all()
    assert len(bars) == 1


def test_another_method_and_layer_by_the_recipe(trained, tmp_path):
    run, model = Run.open(trained.folder), load(trained.folder / "model")
    draw_heat(model, run.predictions, run.catalog, tmp_path, Explain(method="hires-cam", layer="layer2"))
    told = json.loads((tmp_path / "heat.json").read_text())
    assert (told["method"], told["title"], told["layer"]) == ("hires-cam", "HiResCAM", "layer2")


def test_of_folds_it_is_said_that_the_maps_are_of_another_model(trained, tmp_path):
    run, model = Run.open(trained.folder), load(trained.folder / "model")
    draw_heat(model, run.predictions.assign(fold=0, repeat=0), run.catalog, tmp_path, Explain())
    assert "those of the folds" in json.loads((tmp_path / "heat.json").read_text())["note"]


def test_a_network_without_a_map_trains_without_maps_and_says_why(films, tmp_path, tiny_recipe):
    films(n=40)
    train(tiny_recipe("backbone.name=test_mambaout"), tmp_path / "run")
    told = json.loads((tmp_path / "run" / "heat.json").read_text())
    assert told["maps"] == []
    assert "pools neither a map" in told["note"]
    assert "pools neither a map" in (tmp_path / "run" / "report.html").read_text()


def test_a_vision_transformer_has_maps_of_its_tokens(films, tmp_path, tiny_recipe):
    films(n=40)
    train(tiny_recipe("backbone.name=test_vit"), tmp_path / "run")
    told = json.loads((tmp_path / "run" / "heat.json").read_text())
    assert (told["layer"], told["note"]) == ("blocks.5.norm1", "")
    assert told["maps"]
    assert told["tops"]["label"] > 0
    page = (tmp_path / "run" / "report.html").read_text()
    assert "blocks.5.norm1" in page
    assert "No heat maps" not in page


def test_a_layer_above_which_the_class_token_alone_counts_is_said_before_images_are_read(films, tmp_path, tiny_recipe):
    films(n=40)
    with pytest.raises(UserError, match=r"class token alone is read.*blocks\.5\.norm1"):
        train(tiny_recipe("backbone.name=test_vit", "explain.layer=blocks.5"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_layer_that_the_network_lacks_is_said_before_images_are_read(films, tmp_path, tiny_recipe):
    films(n=40)
    with pytest.raises(UserError, match=r"no layer 'layer7'.*'layer4'"):
        train(tiny_recipe("explain.layer=layer7"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture
def tiny_recipe(tmp_path):
    """A recipe for the forty films that trains in a second."""
    settings = [
        *("image.size=64", "backbone.name=test_resnet", "backbone.pretrained=false", "learner.augment=none", "evaluation.draws=200"),
        *("learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]", "runtime.threads=1"),
    ]
    return lambda *more: recipe("default", [*settings, *more], [f"table:{tmp_path / 'films' / 'films.csv'}"])
