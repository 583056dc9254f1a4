import json

from torch import nn

from overread.backbones.create import create
from overread.backbones.summary import summarise
from overread.recipe import Backbone, Image


def test_the_summary_counts_every_parameter_once_and_what_trains_of_them():
    trunk, head = create(Backbone(name="test_resnet", pretrained=False), Image(size=64)), nn.Linear(96, 2)
    for parameter in trunk.network.layer1.parameters():
        parameter.requires_grad_(False)

    summary = summarise(trunk, head)

    every = [*trunk.network.parameters(), *head.parameters()]
    assert summary.parameters == sum(parameter.numel() for parameter in every)
    assert summary.trainable == sum(parameter.numel() for parameter in every if parameter.requires_grad)
    assert [stage.name for stage in summary.stages] == ["conv1", "layer1", "layer2", "layer3", "layer4", "head"]
    assert summary.stages[1].trainable == 0 < summary.stages[1].parameters


def test_it_is_read_by_people_and_programs():
    summary = summarise(create(Backbone(name="test_resnet", pretrained=False), Image(size=64)))

    assert json.loads(json.dumps(summary.to_dict()))["parameters"] == summary.parameters
    assert "test_resnet, 64 px to 96 features, weights: scratch" in str(summary)
    assert f"{summary.parameters:,}" in str(summary).splitlines()[-1]
