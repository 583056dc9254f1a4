import json
import sys
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from overread.catalog import Target
from overread.errors import UserError
from overread.explanation.explain import explain
from overread.imaging.cache import Cache
from overread.imaging.pictures import Pictures
from overread.learners.base import load
from overread.learners.probe import Probe
from overread.learners.probe.choose import divide
from overread.learners.probe.rows import gather
from overread.recipe import Backbone
from overread.run import Workspace

HEADS = ["logreg", "svm", "mlp", "knn", "xgboost"]


@pytest.fixture
def fitted(data, told, tmp_path):
    """Fit on the films; returns the model and the log's events."""

    def run(catalog=None, recipe=None, seed=0, **where):
        corner = Path(mkdtemp(dir=tmp_path))
        model = Probe.fit(catalog or data(), recipe or told(), Workspace(corner, corner / "log.jsonl", where), seed)
        return model, [json.loads(line) for line in (corner / "log.jsonl").read_text().splitlines()]

    return run


def three(catalog):
    """The same films with three classes: broken ones of odd places are told apart by their site."""
    label = catalog.frame["label"].where((catalog.frame["label"] != "broken") | (catalog.frame["patient"].astype(int) % 4 == 1), "badly broken")
    return type(catalog)(catalog.frame.assign(label=label), {"label": Target("multiclass", ("badly broken", "broken", "not broken"))})


def probability(model, catalog):
    raw = model.predict(catalog)[[f"raw:label:{name}" for name in model.targets["label"].classes]]
    return softmax(raw.to_numpy(), axis=1)


def through_pixels(model, catalog):
    """Probabilities of the whole network on pixels, in float32."""
    [network] = model.networks().values()
    pictures = Pictures(catalog.frame, model.fitting, Cache())
    pixels = model.preprocess.normalise(torch.from_numpy(np.stack(pictures[:])))
    with torch.inference_mode():
        return softmax(model.task.raw(network.eval()(pixels)), axis=1)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("head", ["logreg", "svm", "mlp"])
def test_a_poured_head_says_what_scikit_learn_says(data, fitted, told, tmp_path, head, classes):
    catalog = data() if classes == 2 else three(data())
    options = {"head": head, "strengths": [0.01], "hidden": 8, "balance": "none"}
    model, _ = fitted(catalog, told(**options))
    train, test = catalog.part("train"), catalog.part("test")
    codes, features = model.task.target.encode(train.frame["label"]), model.features(train).astype(float)
    folds = divide(gather(train, model.task, model.features(train)), 5, 0)

    scaler = StandardScaler().fit(features)
    theirs = {
        "logreg": LogisticRegression(C=0.01, tol=1e-10, max_iter=1000),
        "svm": CalibratedClassifierCV(make_pipeline(StandardScaler(), LinearSVC(C=0.01, dual=False)), cv=folds, ensemble=False),
        "mlp": MLPClassifier((8,), alpha=0.01, batch_size=len(train), max_iter=60, random_state=0),
    }[head]
    before = (lambda x: x) if head == "svm" else scaler.transform
    theirs.fit(before(features).astype(np.float32 if head == "mlp" else float), codes)

    expected = theirs.predict_proba(before(model.features(test).astype(float)))
    np.testing.assert_allclose(probability(model, test), expected, atol=1e-5)
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    np.testing.assert_allclose(probability(again, test), expected, atol=1e-5)
    np.testing.assert_allclose(through_pixels(again, test), expected, atol=1e-5)


@pytest.mark.parametrize("head", HEADS)
def test_every_head_learns_a_planted_sign_and_is_the_same_after_loading_and_again(data, fitted, told, tmp_path, head):
    catalog, recipe = data(), told(head=head)
    model, log = fitted(catalog, recipe)
    test = catalog.part("test")
    model.save(tmp_path / "model")

    assert roc_auc_score(test.frame["label"] == "broken", model.predict(test)["raw:label:broken"]) > 0.8
    for other in (load(tmp_path / "model"), fitted(catalog, recipe)[0]):
        pd.testing.assert_frame_equal(other.predict(test), model.predict(test), atol=1e-6)
        assert (other.targets, other.fitting, other.weights) == (model.targets, model.fitting, model.weights)
    assert {path.suffix for path in (tmp_path / "model").iterdir()} <= {".json", ".safetensors"}
    described = json.loads((tmp_path / "model" / "model.json").read_text())
    assert described["kind"] == "probe"
    assert described["solved"]["strength"] == next(line["strength"] for line in log if line.get("chosen"))
    assert 0 <= described["engine"]["mean_difference"] < 0.02


@pytest.mark.parametrize("head", ["knn", "xgboost"])
def test_what_is_no_network_has_none_and_names_no_rows(data, fitted, told, tmp_path, head):
    catalog = data()
    catalog = catalog.replace(catalog.frame.assign(row="secret" + catalog.frame["row"]))
    model, _ = fitted(catalog, told(head=head))
    model.save(tmp_path / "model")

    assert model.networks() == {}
    assert model.speakers(model.predict(catalog)) == {}
    assert not any(b"secret" in path.read_bytes() for path in (tmp_path / "model").iterdir())
    assert list(model.predict(catalog.only(np.zeros(len(catalog), bool)))) == ["row", "raw:label:not broken", "raw:label:broken"]


def test_a_probe_explains_like_any_network(data, fitted):
    catalog = data()
    model, _ = fitted(catalog)
    pictures = Pictures(catalog.part("test").frame, model.fitting, Cache())

    heat = explain(model, pictures, np.ones(len(pictures), int), "grad-cam")

    assert len(heat.maps) == len(pictures)
    assert heat.maps.max() > 0


def test_backbones_side_by_side_are_one_network_that_is_saved_whole(data, fitted, told, tmp_path):
    catalog, recipe = data(), told()
    both = recipe.backbone.model_copy(update={"beside": (Backbone(name="test_vit", pretrained=False),)})
    model, _ = fitted(catalog, recipe.model_copy(update={"backbone": both}))
    test = catalog.part("test")
    model.save(tmp_path / "model")

    again = load(tmp_path / "model")

    assert model.features(test).shape[1] == sum(member.features for member in model.classifier.trunk.members)
    np.testing.assert_allclose(probability(again, test), probability(model, test), atol=1e-6)
    np.testing.assert_allclose(through_pixels(again, test), probability(model, test), atol=1e-5)


def test_the_strength_with_the_smallest_held_out_loss_is_taken_and_all_are_logged(fitted, told):
    _, log = fitted(recipe=told(strengths=[1e-6, 1e-2, 1e4]))

    tried = {line["strength"]: line for line in log if line["event"] == "strength"}
    assert list(tried) == [1e-6, 1e-2, 1e4]
    assert [line["strength"] for line in tried.values() if line["chosen"]] == [min(tried, key=lambda s: tried[s]["held_out_loss"])]


def test_few_shot_learns_from_whole_components_and_only_for_the_model_that_is_kept(data, fitted, told):
    recipe = told(few_shot=True, folds=3)
    _, log = fitted(recipe=recipe)
    curve = pd.DataFrame([line for line in log if line["event"] == "few-shot"])

    assert curve.groupby("share").size().to_dict() == {0.05: 5, 0.1: 5, 0.25: 5, 0.5: 5, 1.0: 1}
    assert (curve["images"] == 2 * curve["components"]).all()
    assert curve.groupby("share")["components"].max().tolist() == [2, 4, 8, 16, 30]
    assert curve["auroc"].between(0, 1).all()
    assert not [line for line in fitted(recipe=recipe, fold=0, repeat=0)[1] if line["event"] == "few-shot"]


@pytest.mark.parametrize(("strength", "engine"), [(0.01, "bf16"), (1.0, "fp32")])
def test_an_engine_that_moves_the_heads_answers_is_given_up(data, fitted, told, strength, engine):
    """Labels that mean nothing leave a head that hangs on every digit, the more so the weaker the penalty."""
    catalog = data()
    drawn = dict(zip(catalog.frame["patient"].unique(), np.random.default_rng(0).permutation(np.repeat(["broken", "not broken"], 25)), strict=True))
    catalog = catalog.replace(catalog.frame.assign(label=catalog.frame["patient"].map(drawn)))

    model, log = fitted(catalog, told("test_vit", "bf16", strengths=[strength]))
    readings = [next(iter(line["networks"].values())) for line in log if line["event"] == "features"]

    assert model.notes["engine"]["networks"][0]["engine"].endswith(engine)
    assert model.notes["engine"]["largest_difference"] < 0.02
    assert (model.runtime.precision == "fp32") == (engine == "fp32")
    assert len(readings) == (2 if engine == "fp32" else 1), "what was read first is logged: only then are costs known to hold all of it"
    assert readings[0]["kept"] == 0


def test_torchs_generator_is_left_alone(fitted):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)

    fitted()

    assert torch.equal(torch.rand(3), expected)


def test_a_class_of_one_component_is_refused_with_what_mends_it(data, fitted):
    catalog = data()
    patients = catalog.frame.loc[(catalog.frame["split"] == "train") & (catalog.frame["label"] == "broken"), "patient"].unique()[1:]
    few = catalog.only(~catalog.frame["patient"].isin(patients))

    with pytest.raises(UserError, match=r"'broken' has one component.*Merge it"):
        fitted(few)
    with pytest.raises(UserError, match="all of one class"):
        fitted(catalog.only((catalog.frame["label"] == "broken") | (catalog.frame["split"] != "train")))
    with pytest.raises(UserError, match="no labelled row in train"):
        fitted(catalog.only(catalog.frame["split"] != "train"))


def test_without_xgboost_the_extra_is_named(fitted, told, monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)

    with pytest.raises(UserError, match=r"overread\[boost\]"):
        fitted(recipe=told(head="xgboost"))


def test_films_that_are_all_alike_are_refused(data, fitted):
    catalog = data()
    first = catalog.frame.iloc[0]
    blank = catalog.frame.assign(file=first["file"], bytes_sha=first["bytes_sha"], pixel_sha=first["pixel_sha"])

    with pytest.raises(UserError, match="every feature is the same"):
        fitted(catalog.replace(blank))
