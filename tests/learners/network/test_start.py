"""A training that goes on from a model begins with that model's numbers, and refuses one of another make."""

import json
from dataclasses import replace

import pytest
import torch

from overread.catalog import Target
from overread.errors import UserError
from overread.learners.finetune import Finetune
from overread.learners.network.classifier import build_head
from overread.learners.network.head import Head
from overread.learners.network.start import Start
from overread.learners.network.stored import keep_tensors
from overread.learners.network.task import Task
from overread.recipe import Backbone, Image
from overread.run import Workspace

FROZEN = {"phases": [{"trains": "head", "epochs": 1, "rate": 1e-9}]}
TEST = Backbone(name="test_resnet", pretrained=True)


@pytest.fixture
def kept(fitted, tmp_path):
    """A trained model's folder, and the model."""

    def make(*given, name="pooled"):
        model, _ = fitted(*given)
        model.save(tmp_path / name)
        return tmp_path / name, model

    return make


def test_trunk_and_head_go_on_where_the_question_is_the_same(catalog, fitted, recipe, kept):
    folder, start = kept()

    model, _ = fitted(catalog(), recipe(start=str(folder), **FROZEN), 7)

    for name, tensor in start.classifier.state_dict().items():
        torch.testing.assert_close(model.classifier.state_dict()[name], tensor, rtol=0, atol=1e-6)


def test_another_question_gets_a_new_head_on_the_same_trunk(catalog, fitted, recipe, kept):
    folder, start = kept()
    data = catalog()
    other = replace(data, targets={"site": Target("binary", ("b", "a"), "a")})

    model, _ = fitted(other, recipe(start=str(folder), **FROZEN), 7)

    old, new = start.classifier.state_dict(), model.classifier.state_dict()
    assert all(torch.equal(new[name], old[name]) for name in old if name.startswith("trunk."))
    assert not torch.allclose(new["head.1.weight"], old["head.1.weight"])


def test_a_head_goes_on_whatever_its_dropouts_and_only_if_its_layers_are_the_same(catalog, recipe, kept):
    folder, model = kept(catalog(), recipe(head={"kind": "mlp", "hidden": 8, "dropout": [0.5]}))
    start, task = Start.read(str(folder)), Task("label", model.task.target)

    def filled(head, task=task):
        layers = build_head(head, 96, task.outputs)
        return start.fill(layers, head, task), layers.eval()

    same, layers = filled(Head(kind="mlp", hidden=8, dropout=(0.1, 0.2)))
    assert same
    torch.testing.assert_close(layers(torch.ones(2, 96)), model.classifier.eval().head(torch.ones(2, 96)))
    assert not filled(Head(kind="mlp", hidden=9, dropout=(0.5,)))[0]
    assert not filled(Head(kind="mlp", hidden=8, dropout=(0.5,)), Task("label", Target("binary", ("broken", "not broken"), "not broken")))[0]


def test_the_start_is_remembered_by_name_and_hash_and_asks_for_no_pretrained_weights(recipe, catalog, fitted, kept):
    folder, _ = kept()
    told = recipe(start=str(folder), **FROZEN)

    model, _ = fitted(catalog(), told.model_copy(update={"backbone": TEST}))  # no weights of test_resnet are on this machine

    assert model.weights == {"model pooled, begun from scratch": Start.read(str(folder)).sha256}


def test_the_start_is_part_of_the_checkpoint_and_where_it_lies_is_not(catalog, recipe, kept, tmp_path):
    data = catalog()
    folder, _ = kept(data, recipe())
    (tmp_path / "corner").mkdir()
    workspace = Workspace(tmp_path / "corner", tmp_path / "corner" / "log.jsonl", {})
    model = Finetune.fit(data, recipe(start=str(folder), **FROZEN), workspace, 0)
    moved = folder.rename(tmp_path / "elsewhere")

    again = Finetune.fit(data, recipe(start=str(moved), **FROZEN), workspace, 0)

    assert all(torch.equal(tensor, again.classifier.state_dict()[name]) for name, tensor in model.classifier.state_dict().items())
    other, _ = kept(data, recipe(), 1, name="other")
    with pytest.raises(UserError, match="of another training"):
        Finetune.fit(data, recipe(start=str(other), **FROZEN), workspace, 0)


def test_a_finished_runs_folder_will_do_and_an_unfinished_ones_will_not(kept, tmp_path):
    folder, _ = kept()
    run = tmp_path / "run"
    run.mkdir()
    folder.rename(run / "model")
    (run / "status.json").write_text(json.dumps({"state": "done"}))
    assert Start.read(str(run)).name == Start.read(str(run / "model")).name == "run"

    (run / "status.json").write_text(json.dumps({"state": "running"}))
    with pytest.raises(UserError, match="the run is running, not done"):
        Start.read(str(run))


def test_another_size_goes_on_where_the_network_takes_any(kept):
    folder, _ = kept()

    assert Start.read(str(folder)).trunk(TEST, Image(size=96)).preprocess.size == 96


@pytest.mark.parametrize(
    ("start", "backbone", "image", "said"),
    [
        ("test_resnet", Backbone(name="test_efficientnet"), Image(size=64), "the start has the backbone test_resnet, the recipe test_efficientnet"),
        ("test_resnet", Backbone(name="test_resnet", beside=(TEST,)), Image(size=64), "the recipe test_resnet [+] test_resnet"),
        ("test_vit", Backbone(name="test_vit", pool="mean"), Image(size=64), "pools its backbone by own, the recipe mean"),
        ("test_vit", Backbone(name="test_vit"), Image(size=96), "pos_embed is missing or of another shape.*image.size=64"),
        ("test_resnet", Backbone(name="test_resnet"), Image(size=64, scale="unit"), r"pixels less a mean, not in \[0, 1\]"),
    ],
)
def test_what_differs_is_named(catalog, recipe, kept, start, backbone, image, said):
    folder, _ = kept(catalog(n=20), recipe(start, phases=[{"trains": "head", "epochs": 1, "rate": 1e-3}]))

    with pytest.raises(UserError, match=said):
        Start.read(str(folder)).trunk(backbone, image)


def test_neighbours_or_trees_leave_their_trunk_alone(kept):
    folder, model = kept()
    keep_tensors(model.classifier.trunk, folder)
    told = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**told, "kind": "probe", "head": {"kind": "knn"}}))

    start = Start.read(str(folder))

    trunk = start.trunk(TEST, Image(size=64))
    assert all(torch.equal(tensor, trunk.state_dict()[name]) for name, tensor in model.classifier.trunk.state_dict().items())
    assert not start.fill(build_head(Head(), 96, 1), Head(), model.task)


def test_what_is_no_network_cannot_be_gone_on_from(tmp_path):
    with pytest.raises(UserError, match="no model is here"):
        Start.read(str(tmp_path))
    (tmp_path / "model.json").write_text(json.dumps({"kind": "cascade"}))
    with pytest.raises(UserError, match="a cascade model is not one network"):
        Start.read(str(tmp_path))
