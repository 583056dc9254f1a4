"""ResNet-50 in the layout of its paper (He et al. 2015), as Caffe and Keras have it: a stage's stride sits in the first 1x1 convolution.

timm's `resnet50` strides in the 3x3 convolution (v1.5). Names and shapes of the tensors are the same, so weights of one load into the
other without a word and see a picture half a step off: take this one for weights converted from Keras applications or RadImageNet
(Mei et al. 2022). RadImageNet's file numbers the layers and wants pixels in [-1, 1]; both are known here.
"""

from dataclasses import replace

from overread.backbones.models.base import Design
from overread.backbones.preprocess import Preprocess
from overread.backbones.torchvision import timm
from overread.backbones.weights import Weights
from overread.registry import BACKBONES

RADIMAGENET = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}
"""`backbone.N` of RadImageNet's file is the N-th child of torchvision's ResNet."""


@BACKBONES.register("resnet50-v1")
def resnet50_v1(size: int | None) -> Design:
    """timm's resnet50 with the strides of stages 2 to 4 moved."""
    network = timm.create_model("resnet50", num_classes=0)
    for stage in ("layer2", "layer3", "layer4"):
        for convolution, stride in (("conv1", (2, 2)), ("conv2", (1, 1))):
            network.get_submodule(f"{stage}.0.{convolution}").stride = stride  # type: ignore[assignment]
    return Design(network=network, preprocess=Preprocess(size or 224), adapt=_named, layout="v1")


def _named(weights: Weights) -> Weights:
    if not all(name.startswith("backbone.") for name in weights.tensors):
        return weights
    tensors = {}
    for name, tensor in weights.tensors.items():
        number, _, rest = name.removeprefix("backbone.").partition(".")
        tensors[f"{RADIMAGENET.get(number, number)}.{rest}"] = tensor
    return replace(weights, tensors=tensors, metadata={"mean": "0.5,0.5,0.5", "std": "0.5,0.5,0.5", **weights.metadata})
