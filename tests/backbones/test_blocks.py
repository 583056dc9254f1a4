import pytest
from torch import nn

from overread.backbones.blocks import Blocks
from overread.backbones.torchvision import timm
from overread.errors import UserError


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("test_resnet", ["conv1", "layer1", "layer2", "layer3", "layer4"]),
        ("test_efficientnet", ["conv_stem", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4"]),
        ("test_vit", ["cls_token", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4", "blocks.5"]),
        ("test_convnext", ["stem", "stages.0", "stages.1", "stages.2", "stages.3", "head"]),
    ],
)
def test_stages_are_named_as_in_the_network_lowest_first(name, stages):
    assert list(Blocks.of(timm.create_model(name, num_classes=0)).stages) == stages


def test_every_parameter_is_in_one_stage_and_one_block():
    network = timm.create_model("resnet18", num_classes=0)
    everything = sorted(name for name, _ in network.named_parameters())

    for parts in (Blocks.of(network).stages, Blocks.of(network).blocks):
        assert sorted(name for names in parts.values() for name in names) == everything


def test_from_a_stage_means_that_stage_and_what_stands_above_it():
    blocks = Blocks.of(timm.create_model("resnet18", num_classes=0))

    assert {name.partition(".")[0] for name in blocks.trained("from layer3")} == {"layer3", "layer4"}
    assert {name[:8] for name in blocks.trained("from layer4.1")} == {"layer4.1"}
    assert blocks.trained("head") == []
    assert len(blocks.trained("all")) == len(list(timm.create_model("resnet18", num_classes=0).parameters()))


def test_last_counts_blocks():
    blocks = Blocks.of(timm.create_model("resnet18", num_classes=0))

    assert {name[:8] for name in blocks.trained("last 3")} == {"layer3.1", "layer4.0", "layer4.1"}
    with pytest.raises(UserError, match="has 9 blocks, not 10"):
        blocks.trained("last 10")


def test_an_unknown_stage_is_met_with_the_names_there_are():
    blocks = Blocks.of(timm.create_model("test_resnet", num_classes=0))

    with pytest.raises(UserError, match=r"no stage 'layr3'.*Did you mean 'layer3'.*layer1, layer2"):
        blocks.trained("from layr3")


def test_a_plain_network_is_cut_by_its_children():
    network = nn.Module()
    network.stem = nn.Conv2d(3, 4, 1)
    network.body = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)), nn.Conv2d(4, 4, 1))
    blocks = Blocks.of(network)

    assert list(blocks.stages) == ["stem", "body.1", "body.2"]
    assert list(blocks.blocks) == ["stem", "body.1.0", "body.1.1", "body.2"]
    assert blocks.trained("last 1") == ["body.2.weight", "body.2.bias"]
