from functools import partial

import pytest
import torch
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModelWithProjection

from overread.backbones.torchvision import timm

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128, "image_size": 32, "patch_size": 8}
TEXT = {
    "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 50, "max_position_embeddings": 8,
    "bos_token_id": 0, "eos_token_id": 1,
}  # fmt: skip
TOWER = {"pre_norm": True, "norm_layer": partial(timm.layers.LayerNorm, eps=1e-5), "num_classes": 16}


@pytest.mark.parametrize("size", [16, 32, 48])
@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
def test_a_vision_tower_gives_transformers_projected_features_at_any_size(tmp_path, drawn, pictures, ours, activation, size):
    original = drawn(CLIPVisionModelWithProjection(CLIPVisionConfig(**SHAPE, projection_dim=16, hidden_act=activation)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original(pictures(size), interpolate_pos_encoding=True).image_embeds
    given = ours(tmp_path / "model.safetensors", pictures(size), **TOWER, act_layer=activation)
    torch.testing.assert_close(given, wanted, atol=1e-4, rtol=0)


def test_the_other_activation_gives_other_features(tmp_path, drawn, pictures, ours):
    original = drawn(CLIPVisionModelWithProjection(CLIPVisionConfig(**SHAPE, projection_dim=16)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original(pictures(32)).image_embeds
    assert (ours(tmp_path / "model.safetensors", pictures(32), **TOWER, act_layer="gelu") - wanted).abs().max() > 1e-2


def test_the_whole_of_clip_is_taken_and_its_text_tower_left(tmp_path, drawn, pictures, ours):
    original = drawn(CLIPModel(CLIPConfig(vision_config=SHAPE, text_config=TEXT, projection_dim=16)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original.visual_projection(original.vision_model(pictures(32)).pooler_output)
    given = ours(tmp_path / "model.safetensors", pictures(32), **TOWER, act_layer="quick_gelu")
    torch.testing.assert_close(given, wanted, atol=1e-4, rtol=0)


def test_below_the_projection_lies_the_class_token(tmp_path, drawn, pictures, ours):
    original = drawn(CLIPVisionModelWithProjection(CLIPVisionConfig(**SHAPE, projection_dim=16)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original.vision_model(pictures(32)).pooler_output
    given = ours(tmp_path / "model.safetensors", pictures(32), **{**TOWER, "num_classes": 0}, act_layer="quick_gelu")
    torch.testing.assert_close(given, wanted, atol=1e-4, rtol=0)
