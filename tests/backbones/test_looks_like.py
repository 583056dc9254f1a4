import pytest
import torch

from overread.backbones.formats.hf_dinov2 import NAMES
from overread.backbones.looks_like import looks_like
from overread.backbones.torchvision import timm


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vit_small_patch14_dinov2", "a ViT-S/14 (DINOv2)"),
        ("vit_small_patch14_reg4_dinov2", "a ViT-S/14 with 4 registers (DINOv2)"),
        ("vit_base_patch32_clip_quickgelu_224", "a CLIP ViT-B/32 image tower"),
        ("vit_base_patch16_224", "a ViT-B/16"),
        ("test_vit", "a ViT of width 64, depth 6 and patches of 16 px"),
        ("resnet18", "a ResNet-18"),
        ("resnet34", "a ResNet-34"),
        ("resnet50", "a ResNet-50"),
        ("resnet101", "a ResNet-101"),
        ("resnext50_32x4d", "a ResNeXt-50"),
        ("test_resnet", "a ResNet of (1, 1, 1, 1) blocks"),
        ("tf_efficientnet_lite0", "an EfficientNet-Lite0 or a MobileNet"),
        ("efficientnet_b0", "an EfficientNet-B0"),
        ("efficientnet_b1", "an EfficientNet-B1"),
        ("efficientnet_b3", "an EfficientNet-B3"),
        ("densenet121", "nothing known here (727 tensors, features.conv0.weight to classifier.bias)"),
    ],
)
def test_architectures_are_told_from_names_and_shapes(name, words):
    with torch.device("meta"):
        assert looks_like(timm.create_model(name).state_dict()) == words


def test_names_of_other_libraries_are_read_as_well():
    with torch.device("meta"):
        tensors = timm.create_model("vit_base_patch14_dinov2").state_dict()
    for old, new in NAMES:
        tensors = {name.replace(new, old): tensor for name, tensor in tensors.items()}

    assert "encoder.layer.3.layer_scale1.lambda1" in tensors
    assert looks_like(tensors) == "a ViT-B/14 (DINOv2)"


def test_an_empty_file_is_one():
    assert looks_like({}) == "an empty file"
