import pytest
import torch

from overread.backbones.create import create
from overread.learners.finetune.options import Phase
from overread.learners.finetune.phases import optimiser, schedule
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.recipe import Backbone, Image


@pytest.fixture
def classifier() -> Classifier:
    trunk = create(Backbone(name="test_resnet", pretrained=False), Image(size=64))
    return Classifier(trunk, build_head(Head(), trunk.features, 1))


def layers(head: Head) -> list[str]:
    return [type(layer).__name__ for layer in build_head(head, 8, 3)]


def test_heads_are_stacked_as_named():
    assert layers(Head()) == ["Dropout", "Linear"]
    assert layers(Head(kind="mlp", dropout=(0.5,))) == ["Linear", "ReLU", "Dropout", "Linear"]
    assert layers(Head(kind="mlp", dropout=(0.5, 0.3))) == ["Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert build_head(Head(kind="mlp", hidden=7, dropout=(0.5, 0.3)), 8, 3)(torch.zeros(2, 8)).shape == (2, 3)


def test_features_of_unit_length_give_cosines_however_long_they_were():
    assert layers(Head(unit=True)) == ["Unit", "Dropout", "Linear"]
    head, features = build_head(Head(unit=True), 8, 3).eval(), torch.randn(4, 8)

    torch.testing.assert_close(head(features), head(7 * features))
    assert not torch.allclose(build_head(Head(), 8, 3).eval()(features), head(features))


def test_what_is_frozen_keeps_its_weights_and_its_batch_statistics(classifier):
    classifier.free("from layer3")
    before = {name: tensor.clone() for name, tensor in classifier.state_dict().items()}
    optimizer = optimiser(classifier, Phase(trains="from layer3", epochs=1, rate=1e-2), 0.05)
    classifier.training_mode()
    classifier(torch.randn(4, 3, 64, 64)).square().mean().backward()
    optimizer.step()

    changed = {name for name, tensor in classifier.state_dict().items() if not torch.equal(tensor, before[name])}

    assert not [name for name in changed if name.startswith(("trunk.network.conv1", "trunk.network.layer1", "trunk.network.layer2"))]
    assert {"head.1.weight", "trunk.network.layer3.0.conv1.weight", "trunk.network.layer3.0.bn1.running_mean"} <= changed


@pytest.mark.parametrize(("name", "upper"), [("test_resnet", "from layer3"), ("test_efficientnet", "last 1"), ("test_vit", "last 1")])
def test_a_step_changes_what_is_said_to_move_and_nothing_else(name, upper):
    trunk = create(Backbone(name=name, pretrained=False), Image(size=64))
    classifier = Classifier(trunk, build_head(Head(), trunk.features, 1))
    for trains in ("head", upper, "all"):
        classifier.free(trains)
        moving = classifier.moving()
        before = {key: tensor.clone() for key, tensor in classifier.state_dict().items()}
        optimizer = optimiser(classifier, Phase(trains=trains, epochs=1, rate=1e-2), 0.05)
        classifier.training_mode()
        classifier(torch.randn(4, 3, 64, 64)).square().mean().backward()
        optimizer.step()
        changed = {key for key, tensor in classifier.state_dict().items() if not torch.equal(tensor, before[key])}
        free = {key for key, parameter in classifier.named_parameters() if parameter.requires_grad}
        assert changed <= moving, trains
        assert moving - changed <= free, trains  # a weight above a zero has no gradient yet


def test_a_resting_trunk_does_not_notice_training_mode(classifier):
    classifier.free("head")
    pixels = torch.randn(2, 3, 64, 64)

    classifier.training_mode()
    training = classifier.trunk(pixels)

    assert torch.equal(training, classifier.eval().trunk(pixels))
    assert classifier.head[0].training is False
    classifier.training_mode()
    assert classifier.head[0].training is True


def test_rates_shrink_stage_by_stage_below_the_head(classifier):
    classifier.free("from layer2")
    phase = Phase(trains="from layer2", epochs=2, rate=1e-2, decay=0.5)

    optimizer = optimiser(classifier, phase, 0.05)
    schedule(optimizer, phase, 5).step_update(0)

    names = {id(parameter): name for name, parameter in classifier.named_parameters()}
    rates = {names[id(parameter)]: group["lr"] for group in optimizer.param_groups for parameter in group["params"]}
    assert {name.split(".")[2] for name in rates if name.startswith("trunk")} == {"layer2", "layer3", "layer4"}
    assert rates["head.1.weight"] == pytest.approx(1e-2)
    assert rates["trunk.network.layer4.0.conv1.weight"] == pytest.approx(5e-3)
    assert rates["trunk.network.layer2.0.conv1.weight"] == pytest.approx(1.25e-3)


def test_norms_and_biases_do_not_shrink_towards_zero(classifier):
    optimizer = optimiser(classifier, Phase(trains="all", epochs=1, rate=1e-2), 0.05)

    decays = {id(parameter): group["weight_decay"] for group in optimizer.param_groups for parameter in group["params"]}

    assert {decays[id(parameter)] for parameter in classifier.parameters() if parameter.ndim == 1} == {0.0}
    assert {decays[id(parameter)] for parameter in classifier.parameters() if parameter.ndim > 1} == {0.05}


@pytest.mark.parametrize(("kind", "last"), [("cosine", pytest.approx(0, abs=3e-4)), ("constant", 1e-2)])
def test_the_rate_warms_up_and_then_follows_its_schedule(classifier, kind, last):
    phase = Phase(trains="all", epochs=10, rate=1e-2, warm_up=2, schedule=kind)
    optimizer = optimiser(classifier, phase, 0.0)
    scheduler = schedule(optimizer, phase, updates=10)

    rates = []
    for update in range(100):
        scheduler.step_update(update)
        rates.append(optimizer.param_groups[0]["lr"])

    assert rates[0] == pytest.approx(1e-4)
    assert rates[10] == pytest.approx(5e-3, rel=0.02)
    assert rates[20] == max(rates) == pytest.approx(1e-2)
    assert rates[-1] == last


def test_the_head_computes_in_float32_whatever_the_trunk_does(classifier):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert classifier.eval()(torch.randn(2, 3, 64, 64)).dtype == torch.float32
