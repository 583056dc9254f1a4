from functools import partial

import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg, resize_pos_embed
from safetensors.torch import save_file

from overread.backbones.torchvision import timm

TOWER = {"pre_norm": True, "norm_layer": partial(timm.layers.LayerNorm, eps=1e-5), "num_classes": 16}


def clip(size=32, quick=False):
    vision = CLIPVisionCfg(layers=2, width=32, head_width=16, patch_size=8, image_size=size)
    return CLIP(16, vision, CLIPTextCfg(context_length=8, vocab_size=50, width=32, heads=2, layers=1), quick_gelu=quick)


@pytest.mark.parametrize("size", [16, 32, 48])
@pytest.mark.parametrize("quick", [True, False])
def test_a_state_dict_gives_open_clips_projected_features_at_any_size(tmp_path, drawn, pictures, ours, quick, size):
    original = drawn(clip(quick=quick))
    torch.save(original.state_dict(), tmp_path / "open_clip_pytorch_model.bin")

    tensors, resized = original.state_dict(), clip(size, quick).eval()
    resize_pos_embed(tensors, resized)
    resized.load_state_dict(tensors)
    with torch.no_grad():
        wanted = resized.encode_image(pictures(size))
    given = ours(tmp_path / "open_clip_pytorch_model.bin", pictures(size), **TOWER, act_layer="quick_gelu" if quick else "gelu")
    torch.testing.assert_close(given, wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("wrap", [lambda t: {"state_dict": {f"module.{name}": tensor for name, tensor in t.items()}, "epoch": 3}, dict])
def test_a_checkpoint_of_its_training_is_read_as_well(tmp_path, drawn, pictures, ours, wrap):
    original = drawn(clip())
    torch.save(wrap(original.state_dict()), tmp_path / "epoch_3.pt")

    with torch.no_grad():
        wanted = original.encode_image(pictures(32))
    torch.testing.assert_close(ours(tmp_path / "epoch_3.pt", pictures(32), **TOWER), wanted, atol=1e-4, rtol=0)


def test_openais_tensors_with_their_three_numbers_are_read(tmp_path, drawn, pictures, ours):
    """What is left of OpenAI's archive once its tensors are saved alone: half precision, and three sizes among them."""
    original = drawn(clip(quick=True))
    numbers = {name: torch.tensor(value) for name, value in {"input_resolution": 32, "context_length": 8, "vocab_size": 50}.items()}
    half = {name: tensor.half() for name, tensor in original.state_dict().items()}
    torch.save({**half, **numbers}, tmp_path / "clip.pth")
    original.load_state_dict({name: tensor.float() for name, tensor in half.items()})

    with torch.no_grad():
        wanted = original.encode_image(pictures(32))
    torch.testing.assert_close(ours(tmp_path / "clip.pth", pictures(32), **TOWER, act_layer="quick_gelu"), wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [16, 32, 48])
def test_timms_own_file_gives_the_features_that_timm_gives(tmp_path, drawn, pictures, ours, size):
    shape = {"patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 2, **TOWER}
    original = drawn(timm.models.VisionTransformer(img_size=32, **shape))
    save_file(original.state_dict(), tmp_path / "model.safetensors")

    original.set_input_size(img_size=size)
    with torch.no_grad():
        wanted = original(pictures(size))
    torch.testing.assert_close(ours(tmp_path / "model.safetensors", pictures(size), **TOWER), wanted, atol=1e-4, rtol=0)
