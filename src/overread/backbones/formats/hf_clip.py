"""CLIP as Hugging Face's transformers saves it: `CLIPVisionModelWithProjection`, or `CLIPModel`, whose text tower is left out."""

import torch
from torch import nn

from overread.backbones.formats.base import Format, Tensors, joined, renamed
from overread.backbones.formats.positions import regrid

NAMES = (
    ("vision_model.embeddings.class_embedding", "cls_token"),
    ("vision_model.embeddings.position_embedding.weight", "pos_embed"),
    ("vision_model.embeddings.patch_embedding", "patch_embed.proj"),
    ("vision_model.pre_layrnorm", "norm_pre"),  # so spelt in every published file
    ("vision_model.post_layernorm", "norm"),
    ("vision_model.encoder.layers.", "blocks."),
    ("self_attn.q_proj", "attn.q"),
    ("self_attn.k_proj", "attn.k"),
    ("self_attn.v_proj", "attn.v"),
    ("self_attn.out_proj", "attn.proj"),
    ("layer_norm", "norm"),
    ("visual_projection", "head"),
)

TEXT = ("text_model.", "text_projection.", "logit_scale")
COUNTERS = "position_ids"
"""0, 1, 2, ...: a buffer that older files hold."""


def recognise(tensors: Tensors) -> bool:
    return "vision_model.embeddings.class_embedding" in tensors and "vision_model.pre_layrnorm.weight" in tensors


def translate(tensors: Tensors, network: nn.Module) -> Tensors:
    tower = {name: tensor for name, tensor in tensors.items() if not name.startswith(TEXT) and not name.endswith(COUNTERS)}
    given = joined(renamed(tower, NAMES))
    given["cls_token"] = given["cls_token"].reshape(1, 1, -1)
    given["pos_embed"] = regrid(given["pos_embed"][None], network, antialias=False)
    if "head.weight" in given:
        given["head.bias"] = torch.zeros(len(given["head.weight"]))  # CLIP projects without one, timm's head has it
    return given


HF_CLIP = Format("Hugging Face's CLIP", recognise, translate)
