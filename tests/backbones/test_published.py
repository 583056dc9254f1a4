"""Published files under the names that recipes use, from file to features."""

import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from transformers import Dinov2Config, Dinov2Model

from overread.backbones.create import create
from overread.backbones.preprocess import IMAGENET_MEAN
from overread.errors import UserError
from overread.recipe import Backbone, Image

TOWER = "vit_xsmall_patch16_clip_224"


@pytest.fixture(scope="module")
def tower():
    """CLIP's smallest tower in timm, with OpenCLIP's names: 256 wide, 10 deep, projected to 512."""
    vision = CLIPVisionCfg(layers=10, width=256, head_width=64, patch_size=16, image_size=224)
    return CLIP(512, vision, CLIPTextCfg(context_length=8, vocab_size=50, width=64, heads=2, layers=1)).eval()


@pytest.fixture
def file(tower, tmp_path):
    torch.save(tower.state_dict(), tmp_path / "open_clip.pt")
    return str(tmp_path / "open_clip.pt")


def test_a_dinov2_from_hugging_face_at_224_px(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        original = Dinov2Model(Dinov2Config(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14)).eval()
    original.save_pretrained(tmp_path)

    trunk = create(Backbone(name="vit_small_patch14_dinov2.lvd142m", weights=str(tmp_path / "model.safetensors")), Image(size=224)).eval()

    pixels = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(trunk(pixels), original(pixels).pooler_output, atol=1e-4, rtol=0)
    assert (trunk.features, trunk.origin, trunk.preprocess.mean) == (384, "file model.safetensors", IMAGENET_MEAN)


def test_a_clip_tower_from_open_clip_gives_its_projected_numbers(tower, file):
    trunk = create(Backbone(name=f"{TOWER}.tinyclip_yfcc15m", weights=file)).eval()

    pixels = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(trunk(pixels), tower.encode_image(pixels), atol=1e-4, rtol=0)
    assert trunk.features == 512


def test_clips_resnet_pools_by_attention_and_projects_as_well(tmp_path):
    vision = CLIPVisionCfg(layers=(3, 4, 6, 3), width=64, head_width=64, image_size=224)
    original = CLIP(1024, vision, CLIPTextCfg(context_length=8, vocab_size=50, width=64, heads=2, layers=1)).eval()
    torch.save(original.state_dict(), tmp_path / "RN50.pth")

    trunk = create(Backbone(name="resnet50_clip.openai", weights=str(tmp_path / "RN50.pth"))).eval()

    pixels = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        wanted = original.encode_image(pixels)
        torch.testing.assert_close(trunk(pixels), wanted, atol=1e-4 * float(wanted.abs().max()), rtol=0)


def test_a_name_that_means_a_fine_tuned_tower_does_not_lose_the_projection_in_silence(file):
    name = "vit_base_patch32_clip_224"

    with pytest.raises(
        UserError, match=r"these weights are CLIP's and project; vit_base_patch32_clip_224 means laion2b_ft_in12k_in1k, which does not"
    ):
        create(Backbone(name=name, weights=file))


def test_weights_that_do_not_fit_name_keys_of_both_sides_and_what_they_look_like(file):
    words = r"than test_vit: \d+ tensors missing \(e\.g\. .*unexpected \(e\.g\. .*look like a CLIP ViT of width 256, depth 10 and patches of 16 px"

    with pytest.raises(UserError, match=words):
        create(Backbone(name="test_vit", weights=file))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*torch.jit")
def test_a_compiled_archive_is_a_program_and_is_not_run(tmp_path):
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), tmp_path / "ViT-B-32.pt")

    with pytest.raises(UserError, match=r"TorchScript archive.*never run.*state_dict\(\)"):
        create(Backbone(name="test_vit", weights=str(tmp_path / "ViT-B-32.pt")))


def test_patches_of_another_size_are_not_stretched(tensors, stored, tower, tmp_path):
    """timm does, and makes a network that nobody trained."""
    other = {**tensors("test_vit"), "patch_embed.proj.weight": torch.zeros(64, 3, 8, 8)}
    with pytest.raises(UserError, match="look like a ViT of width 64, depth 6 and patches of 8 px"):
        create(Backbone(name="test_vit", weights=str(stored(other))), Image(size=64))

    torch.save({**tower.state_dict(), "visual.conv1.weight": torch.zeros(256, 3, 32, 32)}, tmp_path / "clip.pt")
    with pytest.raises(UserError, match=r"look like a CLIP ViT of width 256, depth 10 and patches of 32 px"):
        create(Backbone(name=f"{TOWER}.tinyclip_yfcc15m", weights=str(tmp_path / "clip.pt")))
