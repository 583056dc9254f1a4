import pytest
import torch
from torch import nn
from transformers import Dinov2Config, Dinov2ForImageClassification, Dinov2Model, Dinov2WithRegistersConfig, Dinov2WithRegistersModel

from overread.backbones.torchvision import timm

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 32, "patch_size": 8}
REGISTERS = {"init_values": 1.0, "reg_tokens": 4, "no_embed_class": True}


@pytest.mark.parametrize("size", [16, 32, 48])
def test_a_dinov2_folder_gives_transformers_features_at_any_size(tmp_path, drawn, pictures, ours, size):
    original = drawn(Dinov2Model(Dinov2Config(**SHAPE)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original(pictures(size)).pooler_output
    torch.testing.assert_close(ours(tmp_path / "model.safetensors", pictures(size), init_values=1.0), wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [16, 32, 48])
def test_one_with_registers_does_too(tmp_path, drawn, pictures, ours, size):
    original = drawn(Dinov2WithRegistersModel(Dinov2WithRegistersConfig(**SHAPE)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original(pictures(size)).pooler_output
    torch.testing.assert_close(ours(tmp_path / "model.safetensors", pictures(size), **REGISTERS), wanted, atol=1e-4, rtol=0)


def test_the_giants_gated_layers_are_known(tmp_path, drawn, pictures, ours):
    original = drawn(Dinov2Model(Dinov2Config(**SHAPE, use_swiglu_ffn=True)))
    original.save_pretrained(tmp_path)
    giant = {"init_values": 1.0, "mlp_ratio": 2 * 88 / 32, "mlp_layer": timm.layers.SwiGLUPacked, "act_layer": nn.SiLU}

    with torch.no_grad():
        wanted = original(pictures(32)).pooler_output
    torch.testing.assert_close(ours(tmp_path / "model.safetensors", pictures(32), **giant), wanted, atol=1e-4, rtol=0)


def test_the_network_below_a_classifier_is_taken_and_the_classifier_left(tmp_path, drawn, pictures, ours):
    original = drawn(Dinov2ForImageClassification(Dinov2Config(**SHAPE)))
    original.save_pretrained(tmp_path)

    with torch.no_grad():
        wanted = original.dinov2(pictures(32)).pooler_output
    torch.testing.assert_close(ours(tmp_path / "model.safetensors", pictures(32), init_values=1.0), wanted, atol=1e-4, rtol=0)
