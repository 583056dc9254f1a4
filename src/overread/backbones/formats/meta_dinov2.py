"""DINOv2 as Meta publishes it (dinov2_vitb14_pretrain.pth, dinov2_vitb14_reg4_pretrain.pth): timm's names, but for a few.

Oquab et al. 2023, arXiv:2304.07193; registers: Darcet et al. 2023, arXiv:2309.16588. Code and weights Apache-2.0. timm translates the
names. What it does not know is that Meta's code interpolates positions without antialiasing, and a tenth of a patch off, in the
networks without registers; with registers it does as timm does.
"""

from torch import nn

from overread.backbones.formats.base import Format, Tensors
from overread.backbones.formats.positions import regrid
from overread.backbones.formats.timm_own import timms


def recognise(tensors: Tensors) -> bool:
    return {"mask_token", "pos_embed", "blocks.0.ls1.gamma"} <= set(tensors)


def translate(tensors: Tensors, network: nn.Module) -> Tensors:
    if "register_tokens" not in tensors:
        tensors = {**tensors, "pos_embed": regrid(tensors["pos_embed"], network, antialias=False, offset=0.1)}
    return timms(tensors, network)


META_DINOV2 = Format("Meta's DINOv2", recognise, translate)
