import numpy as np
import pytest
import torch

from overread.backbones.machine import Machine
from overread.features.engine import BF16, Distance, engines
from overread.features.openvino import BATCH, Unfit, ready

CPU = torch.device("cpu")


def test_the_fastest_comes_first_and_float32_last():
    assert [engine.name for engine in engines(Machine(CPU, True))] == ["openvino bf16", "torch bf16", "torch fp32"]
    assert [engine.name for engine in engines(Machine(CPU, False))] == ["openvino fp32", "torch fp32"]
    assert [engine.exact for engine in engines(Machine(CPU, True))] == [False, False, True]


@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
def test_openvino_gives_what_torch_does_in_order_whatever_the_batches(pictures, network, name):
    trunk, shown = network(name, size=160), torch.from_numpy(np.stack(pictures(range(2 * BATCH + 1), size=160)[:]))
    with torch.inference_mode():
        truth = trunk(trunk.preprocess.normalise(shown)).numpy()
    forward = ready(trunk, 160, bf16=False, threads=1)
    several, single = (np.concatenate(list(forward(shown.split(size)))) for size in (BATCH, 1))

    np.testing.assert_allclose(several, truth, rtol=0, atol=1e-5 * np.abs(truth).max())
    np.testing.assert_array_equal(several, single)


def test_what_openvino_cannot_run_is_said(network):
    trunk = network()
    trunk.network = torch.nn.Sequential(trunk.network, Odd())
    with pytest.raises(Unfit, match="it cannot run the network"):
        ready(trunk, 64, bf16=False, threads=1)


class Odd(torch.nn.Module):
    def forward(self, x):
        return torch.special.bessel_j0(x)


def test_distance_tells_noise_from_agreement():
    draw = np.random.default_rng(0)
    exact = draw.normal(size=(20, 30)).astype(np.float32)
    assert Distance.between(exact, exact).within(0)
    assert not Distance.between(exact * 3, exact).within(BF16), "the same direction, other features"
    assert not Distance.between(exact + draw.normal(size=exact.shape).astype(np.float32), exact).within(BF16)
    assert not Distance.between(np.where(exact == exact, np.nan, 0).astype(np.float32), exact).within(BF16)


def test_what_all_pictures_share_is_no_agreement():
    draw = np.random.default_rng(0)
    common, own, wrong = 100, draw.normal(size=(20, 30)).astype(np.float32), draw.normal(size=(20, 30)).astype(np.float32)
    apart = Distance.between(common + wrong, common + own)
    assert apart.cosine < 1e-3
    assert not apart.within(BF16)
    assert Distance.between(common + own + wrong / 100, common + own).within(BF16)
    assert Distance.between((common + wrong)[:5], (common + own)[:5]).error is None
