import pytest
import torch

from overread.features.key import depends
from overread.imaging.dicom.view import View
from overread.imaging.fit import Fitting

OWN = Fitting(160)


def test_the_same_network_made_twice_depends_on_the_same(network):
    assert depends(network("test_vit", size=160), OWN) == depends(network("test_vit", size=160), OWN)


def other_tensor(trunk):
    trunk.network.head_drop.register_buffer("late", torch.ones(1))


def other_value(trunk):
    with torch.no_grad():
        trunk.network.norm.bias[3] += 1e-6


def other_module(trunk):
    trunk.network.norm = torch.nn.Sequential(trunk.network.norm)


def other_scale(trunk):
    trunk.preprocess = trunk.preprocess.unit()


@pytest.mark.parametrize("change", [other_tensor, other_value, other_module, other_scale])
def test_whatever_changes_a_network_changes_what_its_features_depend_on(network, change):
    trunk = network("test_vit", size=160)
    before = depends(trunk, OWN)
    change(trunk)
    assert depends(trunk, OWN) != before


@pytest.mark.parametrize("fitting", [Fitting(192), Fitting(160, "crop"), Fitting(160, view=View(invert=False))])
def test_so_does_another_size_fit_or_view(network, fitting):
    trunk = network("test_vit", size=160)
    assert depends(trunk, OWN) != depends(trunk, fitting)


def test_so_does_another_pool(network):
    assert depends(network("test_vit", size=160), OWN) != depends(network("test_vit", size=160, pool="mean"), OWN)
