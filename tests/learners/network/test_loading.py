import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from overread.backbones.create import create
from overread.catalog import Target
from overread.imaging.fit import Fitting
from overread.learners.base import load
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.model import NetworkModel
from overread.learners.network.stored import TENSORS
from overread.learners.network.task import Task
from overread.recipe import Backbone, Image, Runtime

PIXELS = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


class Drawn(TorchDispatchMode):
    """Counts the tensors that are filled with random numbers, as far as they have any."""

    def __init__(self):
        super().__init__()
        self.tensors = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        random = any(word in func.name() for word in ("normal_", "uniform_"))
        self.tensors += random and not args[0].is_meta
        return func(*args, **(kwargs or {}))


def kept(folder, name, size=64):
    trunk = create(Backbone(name=name, pretrained=False), Image(size=size))
    task = Task("label", Target("binary", ("no", "yes"), "yes"))
    model = NetworkModel(Classifier(trunk, build_head(Head(), trunk.features, 1)).eval(), Head(), task, Fitting(size), Runtime(threads=1))
    model.save(folder)
    return model


def said(model):
    with torch.no_grad():
        return model.classifier(PIXELS)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_convnext"])
def test_a_model_is_read_without_drawing_weights_that_would_be_thrown_away(tmp_path, name):
    model = kept(tmp_path, name, 160 if name == "test_vit" else 64)
    before = torch.get_rng_state()

    with Drawn() as drawn:
        again = load(tmp_path)

    assert drawn.tensors == 0
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(tensor, again.classifier.state_dict()[key]) for key, tensor in model.classifier.state_dict().items())
    assert all(parameter.requires_grad for parameter in again.classifier.parameters())


def test_a_network_that_computes_what_it_does_not_save_is_read_whole(tmp_path):
    model = kept(tmp_path, "swin_tiny_patch4_window7_224")  # its tables of relative positions are in no file

    with Drawn() as drawn:
        again = load(tmp_path)

    assert drawn.tensors > 0
    assert torch.equal(said(again), said(model))


def test_a_model_in_memory_does_not_change_with_its_file(tmp_path):
    kept(tmp_path, "test_resnet")
    model = load(tmp_path)
    before, file = said(model), tmp_path / TENSORS

    file.write_bytes(bytes(file.stat().st_size))

    assert torch.equal(said(model), before)
