"""Maps of a vision transformer's tokens, on networks built so that one patch alone speaks."""

import numpy as np
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
from overread.registry import EXPLANATIONS

METHODS = ("grad-cam", "grad-cam-plus-plus", "hires-cam")

POSITIVE = torch.tensor([1])

CELLS = [(0, 0), (1, 2), (3, 0), (3, 3)]


@pytest.fixture(scope="module")
def classifier():
    def make(name, size=64, **more):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            trunk = create(Backbone(name=name, pretrained=False, **more), Image(size=size))
            return Classifier(trunk, build_head(Head(), trunk.features, 1)).eval()

    return make


@pytest.fixture(scope="module")
def apart(classifier):
    """A mean of patches to which blocks add nothing: each token stays its own, and the head reads the brightness of its patch."""
    network = classifier("test_vit2")
    vit = network.trunk.network
    with torch.no_grad():
        for block in vit.blocks:
            for last in (block.attn.proj, block.mlp.fc2):
                last.weight.zero_()
                last.bias.zero_()
        _see_brightness(vit, network.head[-1])
        vit.fc_norm = nn.Identity()
    return network


@pytest.fixture(scope="module")
def gathered(classifier):
    """A class token that the last attention fills with the mean of all tokens; the head reads it."""
    network = classifier("test_vit")
    vit, eye = network.trunk.network, torch.eye(64)
    with torch.no_grad():
        for block in vit.blocks:
            for part in (block.attn.qkv, block.attn.proj, block.mlp.fc2):
                part.weight.zero_()
                part.bias.zero_()
        vit.blocks[-1].attn.qkv.weight[128:] = eye
        vit.blocks[-1].attn.proj.weight.copy_(eye)
        _see_brightness(vit, network.head[-1])
        vit.norm = nn.Identity()
    return network


def _see_brightness(vit, head):
    """Of a black patch nothing is left; of a bright one channel 0 holds as much as it holds light."""
    for held in (vit.pos_embed, vit.cls_token, vit.reg_token, vit.patch_embed.proj.weight, vit.patch_embed.proj.bias, head.weight, head.bias):
        if held is not None:
            held.zero_()
    vit.patch_embed.proj.weight[0] = 1 / vit.patch_embed.proj.weight[0].numel()
    head.weight[0, 0] = 1.0


def bright(row, column):
    pixels = torch.zeros(1, 3, 64, 64)
    pixels[..., 16 * row : 16 * row + 16, 16 * column : 16 * column + 16] = 1
    return pixels


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("built", "layer"), [("apart", "blocks.7"), ("apart", "blocks.2"), ("gathered", None)])
def test_the_peak_lies_on_the_patch_that_alone_drives_the_logit(request, built, layer, cell, method):
    network = request.getfixturevalue(built)
    heat = EXPLANATIONS.get(method)(network, bright(*cell), POSITIVE, find(network, 64, layer))

    assert heat.maps.shape == (1, 4, 4)
    assert np.unravel_index(heat.maps[0].argmax(), (4, 4)) == cell
    assert np.count_nonzero(heat.maps) == 1
    assert heat.places[0].tolist() == [(cell[1] + 0.5) / 4, (cell[0] + 0.5) / 4]


@pytest.mark.parametrize("name", ["grad-cam", "hires-cam"])
@pytest.mark.parametrize(("built", "layer"), [("apart", "blocks.7"), ("gathered", None)])
def test_the_map_of_tokens_sums_to_the_logit(request, built, layer, name):
    network = request.getfixturevalue(built)
    heat = EXPLANATIONS.get(name)(network, bright(1, 2), POSITIVE, find(network, 64, layer))

    assert heat.scores[0] > 0
    assert heat.maps.sum() == pytest.approx(heat.scores[0], rel=1e-5)


@pytest.mark.parametrize(
    ("backbone", "size", "layer", "prefix"),
    [
        ("test_vit", 64, "blocks.5.norm1", 1),
        ("test_vit", 96, "blocks.5.norm1", 1),
        ("test_vit3", 64, "blocks.8.norm1", 1),
        ("vit_wee_patch16_reg1_gap_256", 64, "blocks.13.norm1", 1),
        ("vit_small_patch14_reg4_dinov2", 70, "blocks.11.norm1", 5),
        ("vit_xsmall_patch16_clip_224.tinyclip_yfcc15m", 64, "blocks.9.norm1", 1),
        ("deit_tiny_distilled_patch16_224", 64, "blocks.11.norm1", 2),
        ("eva02_tiny_patch14_224", 56, "blocks.11.norm1", 1),
    ],
)
def test_the_default_is_the_norm_before_the_last_attention_without_the_prefix(classifier, backbone, size, layer, prefix):
    network = classifier(backbone, size)
    pixels, seen = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1)), []
    hook = module(network, layer).register_forward_hook(lambda part, given, output: seen.append(output))
    passed = backpropagate(network, pixels, torch.tensor([1, 0]), find(network, size))
    hook.remove()

    edge = size // network.trunk.network.patch_embed.patch_size[0]
    assert find(network, size) == layer
    assert passed.activations.shape == passed.gradients.shape == (2, network.trunk.network.embed_dim, edge, edge)
    assert torch.equal(passed.activations[:, :, 1, 2], seen[-1][:, prefix + edge + 2])
    assert passed.gradients.abs().amax(dim=(1, 2, 3)).min() > 0


def test_above_the_last_attention_a_class_token_is_refused_and_a_mean_of_patches_is_not(classifier):
    token, mean = classifier("test_vit"), classifier("test_vit", pool="mean")

    for layer in ("blocks.5", "norm"):
        with pytest.raises(UserError, match=r"class token alone is read.*blocks\.5\.norm1"):
            find(token, 64, layer)
        assert find(mean, 64, layer) == layer
    assert find(token, 64, "blocks.4") == "blocks.4"


@pytest.mark.parametrize(("layer", "shape"), [("fc_norm", r"n, 64"), ("patch_embed", r"n, 4, 4, 64")])
def test_a_layer_without_a_token_for_every_patch_is_refused(classifier, layer, shape):
    with pytest.raises(UserError, match=rf"gives \({shape}\), not a map.*Name a block"):
        find(classifier("test_vit"), 64, layer)


def test_one_patch_is_no_map(classifier):
    with pytest.raises(UserError, match="pools neither a map"):
        find(classifier("test_vit", 16), 16)


def test_of_networks_side_by_side_each_is_named_by_its_place(classifier):
    network = classifier("test_resnet", beside=(Backbone(name="test_vit", pretrained=False), Backbone(name="test_vit", pretrained=False)))
    members = network.trunk.network
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))

    assert module(network, find(network, 64)) is members[2].blocks[5].norm1
    assert module(network, find(network, 64, "1.blocks.5.norm1")) is members[1].blocks[5].norm1
    assert find(network, 64, "0.layer4") == "layer4"
    maps = [EXPLANATIONS.get("grad-cam")(network, pixels, torch.tensor([1, 0]), find(network, 64, layer)).maps for layer in (None, "1.blocks.4")]
    assert [drawn.shape for drawn in maps] == [(2, 4, 4), (2, 4, 4)]
    with pytest.raises(UserError, match=r"class token alone is read.*2\.blocks\.5\.norm1"):
        find(network, 64, "2.blocks.5")
