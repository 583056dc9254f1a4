import json

import pytest
import torch
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from overread.backbones.activation import check_file, check_name
from overread.backbones.torchvision import timm
from overread.backbones.weights import read
from overread.errors import UserError

NAME, QUICK = "vit_base_patch32_clip_224.laion2b", "vit_base_patch32_clip_quickgelu_224.openai"


def network(activation):
    return timm.models.VisionTransformer(img_size=32, patch_size=8, embed_dim=32, depth=1, num_heads=2, act_layer=activation)


@pytest.fixture
def folder(tmp_path):
    """A CLIP tower with QuickGELU, as Hugging Face keeps it."""
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "image_size": 32, "patch_size": 8}
    CLIPVisionModelWithProjection(CLIPVisionConfig(**shape, projection_dim=16)).save_pretrained(tmp_path)
    return tmp_path


def test_a_folder_that_tells_of_quick_gelu_is_refused_by_a_network_with_gelu_and_taken_by_one_with_quick_gelu(folder):
    file = folder / "model.safetensors"

    check_file(file, read(file).tensors, network("quick_gelu"), QUICK)
    with pytest.raises(UserError, match=r"trained with QuickGELU; .*laion2b computes GELU.*with it:.* vit_base_patch32_clip_quickgelu_224\.openai"):
        check_file(file, read(file).tensors, network("gelu"), NAME)


def test_a_folder_that_tells_of_gelu_is_refused_by_quick_gelu(folder):
    told = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({"model_type": "clip", "vision_config": {**told, "hidden_act": "gelu"}}))
    file = folder / "model.safetensors"

    check_file(file, read(file).tensors, network("gelu"), NAME)
    with pytest.raises(UserError, match=r"trained with GELU; .* computes QuickGELU.*with it:.* vit_base_patch32_clip_224\.laion2b,"):
        check_file(file, read(file).tensors, network("quick_gelu"), QUICK)


def test_without_a_description_nothing_is_known(folder):
    (folder / "config.json").unlink()

    for activation in ("gelu", "quick_gelu"):
        check_file(folder / "model.safetensors", read(folder / "model.safetensors").tensors, network(activation), NAME)


@pytest.mark.parametrize("text", ["{", "[]", '{"vision_config": 3}'])
def test_a_description_that_cannot_be_read_is_a_users_error(folder, text):
    (folder / "config.json").write_text(text)

    with pytest.raises(UserError, match="description beside the weights cannot be read"):
        check_file(folder / "model.safetensors", read(folder / "model.safetensors").tensors, network("gelu"), NAME)


def test_open_clips_description_is_read(tmp_path):
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": {"embed_dim": 16, "quick_gelu": True}}))

    check_file(tmp_path / "w.pt", {"visual.class_embedding": torch.zeros(1)}, network("quick_gelu"), QUICK)
    with pytest.raises(UserError, match="trained with QuickGELU"):
        check_file(tmp_path / "w.pt", {"visual.class_embedding": torch.zeros(1)}, network("gelu"), NAME)


def test_openais_own_tensors_are_known_by_their_numbers(tmp_path):
    tensors = {"visual.class_embedding": torch.zeros(1), "input_resolution": torch.tensor(224)}

    check_file(tmp_path / "clip.pth", tensors, network("quick_gelu"), QUICK)
    with pytest.raises(UserError, match="trained with QuickGELU"):
        check_file(tmp_path / "clip.pth", tensors, network("gelu"), NAME)


def test_a_name_that_means_the_wrong_activation_is_met_with_the_right_one():
    with pytest.raises(UserError, match=r"computes GELU on weights .* QuickGELU.*Name vit_base_patch32_clip_quickgelu_224\.openai"):
        check_name("vit_base_patch32_clip_224.openai")
    for right in (QUICK, NAME, "resnet50", "vit_base_patch14_dinov2.lvd142m"):
        check_name(right)
