import pytest
import torch
from torch import nn

from overread.backbones.create import create
from overread.errors import UserError
from overread.explanation.gradient import backpropagate
from overread.explanation.layers import find, module
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.recipe import Backbone, Image


@pytest.fixture(scope="module")
def classifier():
    made = {}

    def make(name, size=64):
        if name not in made:
            trunk = create(Backbone(name=name, pretrained=False), Image(size=size))
            made[name] = Classifier(trunk, build_head(Head(), trunk.features, 1)).eval()
        return made[name]

    return make


@pytest.mark.parametrize(
    ("backbone", "layer"),
    [("test_resnet", "layer4"), ("test_efficientnet", "bn2"), ("efficientnet-lite0", "bn2"), ("test_convnext", "stages"), ("resnet18", "layer4")],
)
def test_the_default_is_the_last_map_before_pooling_under_its_outermost_name(classifier, backbone, layer):
    network = classifier(backbone)
    found = find(network, 64)
    passed = backpropagate(network, torch.zeros(1, 3, 64, 64), torch.tensor([1]), found)

    assert found == layer
    pooled = passed.activations.mean(dim=(2, 3))
    assert pooled.shape[1] == passed.activations.shape[1]
    if "res" in backbone:
        assert pooled == pytest.approx(network.trunk(torch.zeros(1, 3, 64, 64)).detach(), abs=1e-5)


@pytest.mark.parametrize("backbone", ["swin_tiny_patch4_window7_224", "test_mambaout"])
def test_a_network_of_neither_maps_nor_a_grid_of_tokens_says_so(classifier, backbone):
    network = classifier(backbone, 224 if "swin" in backbone else 64)

    with pytest.raises(UserError, match="pools neither a map of the picture nor a vision transformer's tokens"):
        find(network, network.trunk.preprocess.size)


def test_a_layer_is_found_by_the_name_that_the_network_gives_it(classifier):
    network = classifier("resnet18")

    assert module(network, find(network, 64, "layer3.1")) is network.trunk.network.layer3[1]
    assert module(network, find(network, 64, "conv1")) is network.trunk.network.conv1
    assert module(network, find(network, 64, "trunk.network.layer2")) is network.trunk.network.layer2
    assert find(network, 64, "trunk.network.layer2") == "layer2"


def test_a_layer_that_is_not_there_is_answered_with_the_near_one(classifier):
    with pytest.raises(UserError, match=r"no layer 'layer5'.*[Dd]id you mean 'layer4'"):
        find(classifier("resnet18"), 64, "layer5")


@pytest.mark.parametrize(("name", "words"), [("head", r"gives \(n, 1\), not a map"), ("global_pool", r"gives \(n, 512\), not a map")])
def test_a_layer_without_a_map_is_refused(classifier, name, words):
    with pytest.raises(UserError, match=words):
        find(classifier("resnet18"), 64, name)


def test_a_layer_that_the_score_does_not_depend_on_is_said():
    class Aside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.seen, self.aside = nn.Conv2d(3, 2, 3), nn.Conv2d(3, 2, 3)

        def forward(self, pixels):
            self.aside(pixels)
            return self.seen(pixels).mean(dim=(2, 3))[:, :1]

    with pytest.raises(UserError, match="does not depend on layer 'aside'"):
        backpropagate(Aside(), torch.zeros(1, 3, 8, 8), torch.tensor([1]), "aside")


def test_nothing_below_the_layer_is_differentiated(classifier):
    """The graph begins at the layer: a step below it that has no derivative does not matter, one above it does."""

    class Stiff(torch.autograd.Function):
        @staticmethod
        def forward(context, given):
            return given.clone()

        @staticmethod
        def backward(context, given):
            raise AssertionError("differentiated")

    network = classifier("resnet18")
    for name, stops in (("layer2", True), ("layer1", False)):
        hook = network.trunk.network.layer2[0].register_forward_pre_hook(lambda part, given: (Stiff.apply(given[0]),))
        try:
            if stops:
                backpropagate(network, torch.zeros(1, 3, 64, 64), torch.tensor([1]), name)
            else:
                with pytest.raises(AssertionError, match="differentiated"):
                    backpropagate(network, torch.zeros(1, 3, 64, 64), torch.tensor([1]), name)
        finally:
            hook.remove()


def test_looking_for_a_layer_changes_nothing(classifier):
    network = classifier("resnet18").train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    find(network, 32, "layer2")

    assert all(part.training for part in network.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(part._forward_hooks for part in network.modules())
    network.eval()
