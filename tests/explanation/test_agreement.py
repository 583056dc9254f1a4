"""Our maps beside those of pytorch-grad-cam, before resizing."""

import os

import numpy as np
import pytest
import torch

from overread.backbones import torchvision  # noqa: F401  (the reference imports torchvision)
from overread.backbones.create import create
from overread.explanation.layers import find, module
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.recipe import Backbone, Image
from overread.registry import EXPLANATIONS

CODES = torch.tensor([0, 1, 2])


def classifier(name: str, size: int, pretrained: bool = False) -> Classifier:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        trunk = create(Backbone(name=name, pretrained=pretrained), Image(size=size))
        return Classifier(trunk, build_head(Head(), trunk.features, 3)).eval()


def reference(kind: str, network: Classifier, pixels: torch.Tensor, layer: str, prefix: int | None) -> np.ndarray:
    """(n, h, w) the map of pytorch-grad-cam after its ReLU, before it is scaled and resized."""
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    targets = [ClassifierOutputTarget(int(code)) for code in CODES]
    part = module(network, layer)

    def spread(tokens: torch.Tensor) -> torch.Tensor:
        edge = round((tokens.shape[1] - prefix) ** 0.5)
        return tokens[:, prefix:].reshape(len(tokens), edge, edge, -1).permute(0, 3, 1, 2)

    with getattr(pytorch_grad_cam, kind)(network, [part], reshape_transform=None if prefix is None else spread) as theirs:
        theirs(pixels, targets)
        passed = theirs.activations_and_grads
        given = (pixels, part, targets, passed.activations[0].numpy(), passed.gradients[0].numpy(), False)
        return np.maximum(theirs.get_cam_image(*given), 0)


def apart(network: Classifier, size: int, name: str, kind: str, layer: str | None = None, prefix: int | None = None) -> tuple[float, float]:
    """The largest difference between the two, in logits and as a share of the highest value; `prefix` tokens stand before the patches."""
    layer = find(network, size, layer)
    pixels = torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(1))
    ours, theirs = EXPLANATIONS.get(name)(network, pixels, CODES, layer).maps, reference(kind, network, pixels, layer, prefix)
    assert theirs.max(axis=(1, 2)).min() > 0
    difference = float(np.abs(ours - theirs).max())
    return difference, difference / float(theirs.max())


def loudly(network: Classifier) -> Classifier:
    """Evidence large enough that the 1e-6 which the reference's Grad-CAM++ adds to squared gradients is nothing beside them, on a small scale."""
    with torch.no_grad():
        network.head[-1].weight *= 1e4
    return network


@pytest.mark.parametrize("layer", [None, "layer3.1"])
@pytest.mark.parametrize(("name", "kind"), [("grad-cam", "GradCAM"), ("hires-cam", "HiResCAM")])
def test_resnet50_agrees_before_resizing(name, kind, layer):
    assert max(apart(classifier("resnet50", 96), 96, name, kind, layer)) <= 1e-4


@pytest.mark.parametrize("layer", [None, "layer3.1"])
def test_grad_cam_plus_plus_agrees_where_the_constant_of_the_reference_is_small(layer):
    """At ordinary scores it is six times the squared gradients of layer4 and flattens the reference's map."""
    assert apart(loudly(classifier("resnet50", 96)), 96, "grad-cam-plus-plus", "GradCAMPlusPlus", layer)[1] <= 1e-4


@pytest.mark.parametrize(("name", "kind"), [("grad-cam", "GradCAM"), ("hires-cam", "HiResCAM")])
@pytest.mark.parametrize(
    ("backbone", "size", "prefix", "layer"),
    [
        ("test_vit", 64, 1, None),
        ("test_vit", 64, 1, "blocks.2"),
        ("vit_wee_patch16_reg1_gap_256", 64, 1, None),
        ("vit_small_patch14_reg4_dinov2", 70, 5, None),
    ],
)
def test_tokens_agree_before_resizing(name, kind, backbone, size, prefix, layer):
    """Where layers are scaled from nearly nothing, scores hardly move by the patches: the share must agree too."""
    logits, share = apart(classifier(backbone, size), size, name, kind, layer, prefix)
    assert logits <= 1e-4
    assert share <= 1e-3


@pytest.mark.data
@pytest.mark.parametrize(("name", "kind"), [("grad-cam", "GradCAM"), ("hires-cam", "HiResCAM")])
def test_resnet50_with_real_weights_agrees_at_full_size(name, kind):
    if "OVERREAD_WEIGHTS" not in os.environ:
        pytest.skip("OVERREAD_WEIGHTS does not name a folder with weights of resnet50-v1")
    assert max(apart(classifier("resnet50-v1", 224, pretrained=True), 224, name, kind)) <= 1e-4
