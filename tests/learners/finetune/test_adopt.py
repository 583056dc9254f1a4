"""A checkpoint trained elsewhere says here what it said there, however its tensors were named, wrapped and ordered."""

import re

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from overread.backbones.torchvision import timm, torchvision
from overread.catalog import Target
from overread.errors import UserError
from overread.learners.finetune.adopt import adopt
from overread.recipe import Image

SIZE = 64
BINARY = Target("binary", ("normal", "abnormal"), "abnormal")
GRADES = Target("multiclass", ("a", "b", "c"))


@pytest.fixture
def theirs():
    """A network with random weights and batch statistics, and a head of theirs."""

    def make(head):
        torch.manual_seed(3)
        network = timm.create_model("test_resnet", num_classes=0)
        stir(network)
        return nn.ModuleDict({"body": network, "fc": head(network.num_features)}).eval()

    return make


@pytest.fixture
def said(theirs):
    """(7, outputs) logits of their model for fixed pixels."""
    return lambda model: model["fc"](model["body"](pixels()))


def stir(network):
    """Batch statistics as after training, so that none of them can stand in for another."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.running_var, module.weight.data, module.bias.data):
                tensor.uniform_(0.8, 1.2)


def pixels():
    return torch.randn(7, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(5))


def ours(path, classes, target, name="test_resnet"):
    model = adopt(path, name, Image(size=SIZE), classes, "label", target)
    with torch.no_grad():
        return model.classifier(pixels())


def named(model, before=""):
    """A state dict as timm and torchvision name one: trunk and head beside each other."""
    tensors = {name.removeprefix("body."): tensor for name, tensor in model.state_dict().items()}
    return {before + name: tensor for name, tensor in tensors.items()}


def linear(outputs):
    return lambda width: nn.Linear(width, outputs)


def dense(outputs):
    return lambda width: nn.Sequential(nn.Linear(width, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, outputs))


@pytest.mark.parametrize("before", ["", "module.", "model.", "net.backbone."])
def test_names_may_stand_behind_any_prefix(theirs, said, tmp_path, before):
    model = theirs(linear(3))
    torch.save({"state_dict": named(model, before), "epoch": 7}, tmp_path / "last.ckpt.pth")

    torch.testing.assert_close(ours(tmp_path / "last.ckpt.pth", ["a", "b", "c"], GRADES), said(model))


def test_outputs_are_put_into_the_order_of_the_target(theirs, said, tmp_path):
    model = theirs(linear(3))
    torch.save(named(model), tmp_path / "m.pth")

    torch.testing.assert_close(ours(tmp_path / "m.pth", ["c", "a", "b"], GRADES), said(model)[:, [1, 2, 0]])


@pytest.mark.parametrize(("classes", "sign"), [(["normal", "abnormal"], 1), (["abnormal", "normal"], -1)])
@pytest.mark.parametrize("head", [linear, dense])
def test_two_outputs_become_the_logit_of_the_positive_class(theirs, said, tmp_path, head, classes, sign):
    model = theirs(head(2))
    torch.save(named(model), tmp_path / "m.pth")
    softmax = said(model).softmax(1)[:, classes.index("abnormal")]

    logit = ours(tmp_path / "m.pth", classes, BINARY)[:, 0]

    torch.testing.assert_close(logit.sigmoid(), softmax)
    torch.testing.assert_close(logit, sign * (said(model)[:, 1] - said(model)[:, 0]))


@pytest.mark.parametrize(("classes", "sign"), [(["normal", "abnormal"], 1), (["abnormal", "normal"], -1)])
def test_a_lone_output_speaks_for_the_second_class(theirs, said, tmp_path, classes, sign):
    model = theirs(linear(1))
    save_file(named(model), tmp_path / "m.safetensors")

    torch.testing.assert_close(ours(tmp_path / "m.safetensors", classes, BINARY), sign * said(model))


def test_a_network_wrapped_in_a_sequential_is_told_by_order_and_shapes(theirs, said, tmp_path):
    model = theirs(dense(1))
    wrapped = nn.Sequential(*model["body"].children(), model["fc"])
    assert not any(name.startswith("conv1") for name in wrapped.state_dict())
    torch.save(wrapped.state_dict(), tmp_path / "m.pth")

    torch.testing.assert_close(ours(tmp_path / "m.pth", ["normal", "abnormal"], BINARY), said(model))


@pytest.mark.parametrize("architecture", ["resnet18", "densenet121", "efficientnet_b0"])
def test_torchvisions_networks_fit_timms_of_that_name(tmp_path, architecture):
    torch.manual_seed(0)
    model = getattr(torchvision.models, architecture)(num_classes=3).eval()
    stir(model)
    torch.save(model.state_dict(), tmp_path / "m.pth")

    torch.testing.assert_close(ours(tmp_path / "m.pth", ["a", "b", "c"], GRADES, architecture), model(pixels()))


def test_a_safetensors_file_has_no_order_to_go_by(theirs, tmp_path):
    wrapped = nn.Sequential(*theirs(linear(1))["body"].children())
    save_file(wrapped.state_dict(), tmp_path / "m.safetensors")

    with pytest.raises(UserError, match="another architecture than test_resnet"):
        ours(tmp_path / "m.safetensors", ["normal", "abnormal"], BINARY)


def test_a_layer_without_bias_has_a_bias_of_zero(theirs, said, tmp_path):
    model = theirs(lambda width: nn.Linear(width, 3, bias=False))
    torch.save(named(model), tmp_path / "m.pth")

    torch.testing.assert_close(ours(tmp_path / "m.pth", ["a", "b", "c"], GRADES), said(model))


@pytest.mark.parametrize(
    ("head", "backbone", "classes", "words"),
    [
        (linear(3), "test_resnet", ["normal", "abnormal"], "3 outputs; 2 classes are named"),
        (linear(2), "test_efficientnet", ["normal", "abnormal"], "another architecture than test_efficientnet"),
        (
            lambda width: nn.Sequential(nn.BatchNorm1d(width), nn.Linear(width, 2)),
            "test_resnet",
            ["normal", "abnormal"],
            "1 dense layers and 4 other",
        ),
        (lambda width: nn.Identity(), "test_resnet", ["normal", "abnormal"], "0 dense layers"),
        (lambda width: nn.Linear(width + 1, 2), "test_resnet", ["normal", "abnormal"], "the head takes"),
    ],
)
def test_what_does_not_belong_together_is_refused(theirs, tmp_path, head, backbone, classes, words):
    torch.save(named(theirs(head)), tmp_path / "m.pth")

    with pytest.raises(UserError, match=re.escape(words)):
        ours(tmp_path / "m.pth", classes, BINARY, backbone)


def test_code_in_a_checkpoint_is_never_run(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "whole.pth")

    with pytest.raises(UserError, match="holds code, which is never run"):
        ours(tmp_path / "whole.pth", ["normal", "abnormal"], BINARY)


def test_the_global_generator_is_left_as_it_was(theirs, tmp_path):
    torch.save(named(theirs(linear(1))), tmp_path / "m.pth")
    before = torch.get_rng_state()

    ours(tmp_path / "m.pth", ["normal", "abnormal"], BINARY)

    assert torch.equal(before, torch.get_rng_state())
