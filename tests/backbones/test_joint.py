import pytest
import torch

from overread.backbones.blocks import Blocks
from overread.backbones.create import create, restore
from overread.backbones.preprocess import HALF
from overread.errors import UserError
from overread.recipe import Backbone, Image


def scratch(*names, size=64, pool="own"):
    first, *others = [Backbone(name=name, pretrained=False) for name in names]
    return create(first.model_copy(update={"beside": tuple(others), "pool": pool}), Image(size=size)).eval()


def test_features_stand_one_after_the_other_each_normalised_as_its_own_weights_expect():
    trunk = scratch("resnet18", "efficientnet-lite0", "test_vit")
    pictures = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)

    with torch.no_grad():
        alone = [member(member.preprocess.normalise(pictures)) for member in trunk.members]
        torch.testing.assert_close(trunk(trunk.preprocess.normalise(pictures)), torch.cat(alone, dim=1), atol=1e-4, rtol=1e-4)
    assert trunk.members[1].preprocess.mean == HALF != trunk.preprocess.mean
    assert trunk.features == sum(member.features for member in trunk.members) == 512 + 1280 + 64
    assert trunk.name == "resnet18 + efficientnet-lite0 + test_vit"


def test_a_trunk_alone_is_its_own_only_member():
    trunk = scratch("test_resnet")

    assert trunk.members == (trunk,)


def test_parts_are_named_by_their_networks_place_and_stand_top_by_top():
    blocks = scratch("test_resnet", "test_efficientnet").blocks
    names = list(blocks.stages)

    assert names[-2:] == ["0.layer4", "1.blocks.4"]
    assert {name.partition(".")[0] for name in blocks.trained("last 2")} == {"0", "1"}
    depth = blocks.depth()
    assert depth["0.layer4.0.conv1.weight"] == depth["1.conv_head.weight"] == max(depth.values())
    assert set(depth) == {name for name, _ in scratch("test_resnet", "test_efficientnet").network.named_parameters()}
    assert Blocks.of(scratch("test_resnet").network).depth()["layer4.0.conv1.weight"] == 4


def test_members_share_the_joint_networks_numbers():
    trunk = scratch("test_resnet", "test_vit")

    trunk.network.load_state_dict({name: torch.zeros_like(tensor) for name, tensor in trunk.network.state_dict().items()})
    assert all(not parameter.any() for member in trunk.members for parameter in member.parameters())
    assert trunk.to(torch.float64).members[1].network.cls_token.dtype == torch.float64


def test_parameters_that_should_not_shrink_are_named_in_place():
    assert "1.pos_embed" in scratch("test_resnet", "test_vit").network.no_weight_decay()


def test_what_a_trunk_tells_makes_it_again():
    trunk = scratch("test_vit", "test_resnet", "efficientnet-lite0", pool="token+mean")
    again = restore(trunk.told(), trunk.preprocess).eval()
    again.load_state_dict(trunk.state_dict())

    with torch.no_grad():
        torch.testing.assert_close(again(torch.ones(1, 3, 64, 64)), trunk(torch.ones(1, 3, 64, 64)))
    assert again.told() == trunk.told()
    assert again.members[0].pool == "token+mean"


def test_a_description_that_names_no_pool_is_read_as_the_authors_own():
    again = restore({"name": "test_vit", "origin": "o", "sha256": "s"}, scratch("test_vit").preprocess)

    assert (again.pool, again.origin, again.sha256, again.features) == ("own", "o", "s", 64)


def test_the_first_ones_size_is_everyones_and_one_that_cannot_take_it_says_so():
    assert {member.preprocess.size for member in scratch("test_vit", "test_resnet", size=None).members} == {160}
    with pytest.raises(UserError, match=r"vit_small_patch14_dinov2 cannot take pictures of 160 px.*14 px, which is what test_vit beside it sees"):
        scratch("test_vit", "vit_small_patch14_dinov2", size=None)


def test_pictures_of_which_a_strip_would_be_left_out_are_refused():
    with pytest.raises(UserError, match=r"test_vit cannot take pictures of 100 px: its patches have 16 px.*multiple of 16, such as 96 or 112"):
        scratch("test_vit", size=100)


def test_backbones_stand_in_one_row():
    nested = Backbone(name="test_vit", pretrained=False, beside=(Backbone(name="test_resnet", pretrained=False),))

    with pytest.raises(UserError, match="test_vit stands beside test_resnet and lists others itself"):
        create(Backbone(name="test_resnet", pretrained=False, beside=(nested,)))
