"""Tensors of any published format, named as in timm's network."""

from torch import nn

from overread.backbones.formats.base import Format, Tensors
from overread.backbones.formats.hf_clip import HF_CLIP
from overread.backbones.formats.hf_dinov2 import HF_DINOV2
from overread.backbones.formats.meta_dinov2 import META_DINOV2
from overread.backbones.formats.timm_own import timms

FORMATS: tuple[Format, ...] = (META_DINOV2, HF_DINOV2, HF_CLIP)
"""Those that timm's own translations do not know, or not all of."""

UNFIT = (KeyError, RuntimeError, AttributeError, IndexError, ValueError, AssertionError, TypeError)
"""What a translation raises over tensors or a network that are not what it takes them for."""


def translated(tensors: Tensors, network: nn.Module) -> Tensors:
    """The tensors as the network names them; those that no translation makes sense of come back as they were, to be reported."""
    found = next((form.translate for form in FORMATS if form.recognise(tensors)), timms)
    try:
        return found(tensors, network)
    except UNFIT:
        return tensors
