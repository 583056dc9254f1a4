"""What timm itself knows of other names and sizes of its networks: its own files, OpenAI's and OpenCLIP's towers, and many more."""

import sys

from torch import nn

from overread.backbones.formats.base import Tensors

PATCHES = ("patch_embed.proj.weight", "patch_embeddings.projection.weight", "patch_embedding.weight", "visual.conv1.weight")
"""Endings of the convolution that cuts a picture into patches, in all formats."""


def timms(tensors: Tensors, network: nn.Module) -> Tensors:
    """The tensors, put through the translation of the network's family where there is one; it antialiases position embeddings.

    timm would stretch patches of another size over the network's own, and make of a ViT-B/32 a ViT-B/16 that nobody trained: those come
    back as they were.
    """
    known = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    own, given = _cut(network.state_dict()), _cut(tensors)
    if known is None or (own and given and own != given):
        return tensors
    translated: Tensors = known(dict(tensors), network)
    return translated


def _cut(tensors: Tensors) -> tuple[int, ...] | None:
    """Height and width of a patch."""
    return next((tuple(tensor.shape[2:]) for name, tensor in tensors.items() if name.endswith(PATCHES) and tensor.ndim == 4), None)
