"""DINOv2 as Hugging Face's transformers saves it: `Dinov2Model` and `Dinov2WithRegistersModel`, alone or below a classifier."""

from torch import nn

from overread.backbones.formats.base import Format, Tensors, joined, renamed
from overread.backbones.formats.positions import regrid

ABOVE = ("dinov2.", "dinov2_with_registers.")
"""What stands before the names where a classifier stands above."""

NAMES = (
    ("embeddings.cls_token", "cls_token"),
    ("embeddings.register_tokens", "reg_token"),
    ("embeddings.position_embeddings", "pos_embed"),
    ("embeddings.patch_embeddings.projection", "patch_embed.proj"),
    ("encoder.layer.", "blocks."),
    ("attention.attention.query", "attn.q"),
    ("attention.attention.key", "attn.k"),
    ("attention.attention.value", "attn.v"),
    ("attention.output.dense", "attn.proj"),
    ("layer_scale1.lambda1", "ls1.gamma"),
    ("layer_scale2.lambda1", "ls2.gamma"),
    ("mlp.weights_in", "mlp.fc1"),
    ("mlp.weights_out", "mlp.fc2"),
    ("layernorm.", "norm."),
)

LEFT_OUT = ("embeddings.mask_token", "classifier.weight", "classifier.bias")


def recognise(tensors: Tensors) -> bool:
    return any(name.endswith("embeddings.patch_embeddings.projection.weight") for name in tensors) and any("layer_scale1" in name for name in tensors)


def translate(tensors: Tensors, network: nn.Module) -> Tensors:
    bare = {name.removeprefix(ABOVE[0]).removeprefix(ABOVE[1]): tensor for name, tensor in tensors.items()}
    given = joined(renamed({name: tensor for name, tensor in bare.items() if name not in LEFT_OUT}, NAMES))
    registers = "reg_token" in given
    positions = regrid(given["pos_embed"], network, antialias=registers)
    if not registers:
        return {**given, "pos_embed": positions}
    return {**given, "cls_token": given["cls_token"] + positions[:, :1], "pos_embed": positions[:, 1:]}  # timm adds positions to patches alone


HF_DINOV2 = Format("Hugging Face's DINOv2", recognise, translate)
