import pytest
import torch

from overread.backbones.create import create
from overread.backbones.design import projection
from overread.backbones.torchvision import timm
from overread.errors import UserError
from overread.recipe import Backbone, Image

CLIP = "vit_xsmall_patch16_clip_224.tinyclip_yfcc15m"
"""The smallest of CLIP's towers in timm: 256 wide, projected to 512."""


def scratch(pool, name="test_vit", size=64):
    return create(Backbone(name=name, pretrained=False, pool=pool), Image(size=size)).eval()


def test_tokens_are_pooled_as_asked():
    trunk, pixels = scratch("token+mean"), torch.randn(2, 3, 64, 64)

    with torch.no_grad():
        features, tokens = trunk(pixels), trunk.network.forward_features(pixels)
    assert trunk.features == 128
    torch.testing.assert_close(features, torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], dim=1))
    for pool, half in (("token", features[:, :64]), ("mean", features[:, 64:])):
        trunk.pool = pool
        with torch.no_grad():
            torch.testing.assert_close(trunk(pixels), half)


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet", "efficientnet-lite0"])
def test_stages_stand_before_the_own_features_each_as_its_mean(name):
    pixels = torch.randn(2, 3, 64, 64)
    torch.manual_seed(0)
    own = scratch("own", name)
    torch.manual_seed(0)
    trunk = scratch("stages", name)
    trunk.load_state_dict(own.state_dict())

    with torch.no_grad():
        features, alone = trunk(pixels), own(pixels)
        _, maps = own.network.forward_intermediates(pixels)
    torch.testing.assert_close(features[:, -own.features :], alone)
    torch.testing.assert_close(features[:, : maps[0].shape[1]], maps[0].mean((2, 3)))
    assert trunk.features == own.features + sum(stage.shape[1] for stage in maps)


def test_a_transformer_has_no_stages():
    with pytest.raises(UserError, match="no stages"):
        scratch("stages")


def test_registers_are_no_patches():
    trunk = scratch("mean", "vit_wee_patch16_reg1_gap_256")
    with torch.no_grad():
        tokens = trunk.network.forward_features(torch.zeros(1, 3, 64, 64))
        features = trunk(torch.zeros(1, 3, 64, 64))

    assert tokens.shape[1] == 1 + 16
    torch.testing.assert_close(features, tokens[:, 1:].mean(1))


def test_a_dinov2_is_its_class_token_after_the_last_norm():
    own, pixels = scratch("own", "vit_small_patch14_dinov2.lvd142m", 28), torch.randn(1, 3, 28, 28)

    with torch.no_grad():
        torch.testing.assert_close(own(pixels), own.network.forward_features(pixels)[:, 0])
    assert (own.features, own.network.patch_embed.grid_size) == (384, (2, 2))


def test_a_clip_tower_is_its_projected_numbers_and_its_token_lies_below_them():
    own = scratch("own", CLIP, None)

    assert (own.features, scratch("token", CLIP, None).features) == (512, 256)
    assert own.preprocess.mean == timm.data.OPENAI_CLIP_MEAN


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("vit_base_patch32_clip_quickgelu_224.openai", 512),
        ("vit_large_patch14_clip_quickgelu_336.openai", 768),
        ("vit_base_patch16_clip_224.laion2b", 512),
        ("vit_base_patch32_clip_224.datacompxl", 512),
        ("resnet50_clip.openai", 1024),
        ("vit_base_patch32_clip_224.laion2b_ft_in12k_in1k", 0),
        ("vit_base_patch32_clip_224", 0),  # timm means the one above
        ("vit_base_patch14_dinov2.lvd142m", 0),
        ("resnet50.a1_in1k", 0),
    ],
)
def test_towers_that_were_not_fine_tuned_project(name, width):
    assert projection(name) == width


@pytest.mark.parametrize("name", ["efficientnet-lite0", "resnet18"])
def test_a_network_without_tokens_refuses_to_pool_them(name):
    with pytest.raises(UserError, match=rf"{name} has no tokens to pool \(backbone\.pool: mean\)"):
        scratch("mean", name)


def test_a_network_without_a_class_token_has_the_mean_alone():
    assert scratch("mean", "vit_wee_patch16_reg1_gap_256").features == 256
    with pytest.raises(UserError, match="has no class token"):
        scratch("token+mean", "vit_wee_patch16_reg1_gap_256")
