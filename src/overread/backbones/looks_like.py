"""What architecture tensors belong to, told from their names and shapes, for the error that says they do not fit."""

import re
from collections.abc import Mapping

from torch import Tensor

from overread.backbones.formats.timm_own import PATCHES

SIZES = {192: "Ti", 384: "S", 768: "B", 1024: "L", 1280: "H", 1408: "g", 1536: "g", 1664: "bigG"}
"""A vision transformer's width to its letter."""

RESNETS: dict[tuple[int, ...], tuple[int, int]] = {
    (2, 2, 2, 2): (18, 26),
    (3, 4, 6, 3): (34, 50),
    (3, 4, 23, 3): (0, 101),
    (3, 8, 36, 3): (0, 152),
}
"""Blocks a stage to the number in a ResNet's name, with blocks of two convolutions and of three."""

EFFICIENTNETS = {1408: "B2", 1536: "B3", 1792: "B4", 2048: "B5", 2304: "B6", 2560: "B7"}
"""Width of the last convolution to the letter; 1280 is B0, B1 or Lite0, told by what is below."""


def looks_like(tensors: Mapping[str, Tensor]) -> str:
    """The architecture, as its users call it: ``a ViT-S/14 with 4 registers (DINOv2)``, ``a ResNet-50``, ``a CLIP ViT-B/32 image tower``."""
    return _vit(tensors) or _resnet(tensors) or _efficientnet(tensors) or _stranger(tensors)


def _vit(tensors: Mapping[str, Tensor]) -> str:
    cut = next((name for name in tensors if name.endswith(PATCHES) and tensors[name].ndim == 4), None)
    seen = [name for name in tensors if not name.startswith(("text_", "transformer."))]
    depth = _count(seen, r"(?:^|\.)(?:blocks|layer|layers|resblocks)\.(\d+)\.")
    if cut is None or not depth:
        return ""
    width, _, patch, _ = tensors[cut].shape
    registers = next((tensors[name].shape[1] for name in seen if name.endswith(("register_tokens", "reg_token"))), 0)
    scaled = any(name.endswith((".ls1.gamma", ".layer_scale1.lambda1")) for name in seen)
    clip = any(name.endswith(("visual.class_embedding", "pre_layrnorm.weight", "norm_pre.weight")) for name in seen)
    short = f"ViT-{SIZES[width]}/{patch}" if width in SIZES else f"ViT of width {width}, depth {depth} and patches of {patch} px"
    words = f"a CLIP {short} image tower" if clip else f"a {short}"
    return words + (f" with {registers} registers" if registers else "") + (" (DINOv2)" if scaled and patch == 14 else "")


def _resnet(tensors: Mapping[str, Tensor]) -> str:
    stages = tuple(_count(tensors, rf"(?:^|\.)layer{level}\.(\d+)\.") for level in (1, 2, 3, 4))
    if not all(stages):
        return ""
    bottleneck = any(re.search(r"(?:^|\.)layer1\.0\.conv3\.weight$", name) for name in tensors)
    number = RESNETS.get(stages, (0, 0))[bottleneck]
    second = next((tensor for name, tensor in tensors.items() if name.endswith("layer1.0.conv2.weight")), None)
    if second is not None and second.ndim == 4 and second.shape[0] != second.shape[1]:
        return f"a ResNeXt-{number}" if number else f"a ResNeXt of {stages} blocks"
    return f"a ResNet-{number}" if number else f"a ResNet of {stages} blocks"


def _efficientnet(tensors: Mapping[str, Tensor]) -> str:
    stem = next((tensor for name, tensor in tensors.items() if name.endswith("conv_stem.weight")), None)
    head = next((tensor for name, tensor in tensors.items() if name.endswith("conv_head.weight")), None)
    if stem is None or head is None:
        return ""
    if head.shape[0] != 1280:
        return f"an EfficientNet-{EFFICIENTNETS[head.shape[0]]}" if head.shape[0] in EFFICIENTNETS else "a network of EfficientNet's family"
    squeezes = any(".se." in name or "._se_" in name for name in tensors)
    repeated = any(re.search(r"blocks\.0\.1\.|_blocks\.16\.", name) for name in tensors)
    return "an EfficientNet-B1" if squeezes and repeated else "an EfficientNet-B0" if squeezes else "an EfficientNet-Lite0 or a MobileNet"


def _stranger(tensors: Mapping[str, Tensor]) -> str:
    names = list(tensors)
    return f"nothing known here ({len(names)} tensors, {names[0]} to {names[-1]})" if names else "an empty file"


def _count(names: Mapping[str, Tensor] | list[str], pattern: str) -> int:
    """The highest number that the pattern finds, and one more."""
    return max((int(found.group(1)) + 1 for name in names if (found := re.search(pattern, name))), default=0)
