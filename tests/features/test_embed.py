"""Features are those of the network itself, in the order asked for, and computed once."""

import sys

import numpy as np
import pytest
import torch

from overread.errors import UserError
from overread.features.embed import CHECKED, embed, titles
from overread.progress import shown
from overread.recipe import Runtime

EXACT, FAST = Runtime(precision="fp32", threads=1), Runtime(precision="bf16", threads=1)


def direct(trunk, pictures):
    with torch.inference_mode():
        return trunk(trunk.preprocess.normalise(torch.from_numpy(np.stack(pictures[:])))).numpy()


@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
def test_features_are_what_the_network_says_of_the_normalised_picture(pictures, network, name):
    trunk, shown = network(name, size=160), pictures(range(10), size=160)
    truth, exact, fast = direct(trunk, shown), embed(trunk, shown, EXACT), embed(trunk, shown, FAST)

    assert exact.features.shape == (10, trunk.features)
    assert exact.features.dtype == np.float32
    np.testing.assert_allclose(exact.features, truth, rtol=0, atol=1e-5 * np.abs(truth).max())
    assert 1e-9 < fast.told[name]["distance"] < 1e-3
    assert np.abs(fast.features - truth).max() < 0.05 * np.abs(truth).max()


def test_rows_come_in_the_order_asked_for_and_copies_get_one_row_each(pictures, network):
    trunk = network()
    every, some = (embed(trunk, pictures(places), FAST) for places in (range(24), [20, 3, 20, 11]))

    np.testing.assert_array_equal(some.features, every.features[[20, 3, 20, 11]])
    assert (some.told["test_resnet"]["kept"], some.told["test_resnet"]["computed"]) == (3, 0)
    assert len(np.unique(every.features, axis=0)) == 24


def test_a_second_call_computes_nothing_and_an_added_picture_one(pictures, network, forwards):
    trunk = network()
    first = embed(trunk, pictures(range(24)), EXACT)
    passes = forwards(trunk)
    again = embed(network(), pictures(range(24)), EXACT)
    more = embed(trunk, pictures(range(25)), EXACT)

    np.testing.assert_array_equal(again.features, first.features)
    np.testing.assert_array_equal(more.features[:24], first.features)
    assert [again.told["test_resnet"][key] for key in ("kept", "computed")] == [24, 0]
    assert [more.told["test_resnet"][key] for key in ("kept", "computed")] == [24, 1]
    assert sum(passes) <= 5, "the one picture, filled up to a batch where tracing needs it"


def test_a_call_that_finds_everything_runs_no_network(pictures, network, forwards):
    trunk = network()
    embed(trunk, pictures(), FAST)
    passes = forwards(trunk)
    found = embed(trunk, pictures(), FAST)

    assert passes == []
    assert len(found.checked) == CHECKED


def test_a_network_that_was_trained_since_is_not_found_under_its_old_tensors(pictures, network):
    trunk = network()
    before = embed(trunk, pictures(range(4)), EXACT)
    with torch.no_grad():
        next(trunk.network.parameters()).mul_(1.01)
    after = embed(trunk, pictures(range(4)), EXACT)

    assert after.told["test_resnet"]["kept"] == 0
    assert not np.array_equal(after.features, before.features)


def test_the_checked_pictures_are_known_in_float32_too(pictures, network):
    trunk, shown = network(), pictures()
    found = embed(trunk, shown, FAST)

    assert found.checked.tolist() == list(range(CHECKED))
    np.testing.assert_allclose(found.exact, direct(trunk, shown.take(found.checked)), rtol=1e-4, atol=1e-5)
    assert not np.array_equal(found.exact, found.features[found.checked])


def test_several_networks_stand_side_by_side_and_are_kept_apart(pictures, network):
    from overread.backbones.trunk import side_by_side

    one, other = network(), network(seed=1)
    both, shown = side_by_side([one, other]), pictures()
    alone = embed(one, shown, EXACT)
    found = embed(both, shown, EXACT)

    assert titles(both) == ["test_resnet 1", "test_resnet 2"]
    assert [told["kept"] for told in found.told.values()] == [24, 0]
    np.testing.assert_array_equal(found.features[:, : one.features], alone.features)
    np.testing.assert_allclose(found.features, direct(both, shown), rtol=1e-4, atol=1e-5)


def test_a_network_whose_bfloat16_is_far_off_falls_back_and_says_so(pictures, network, capsys):
    trunk, shown_ = network("test_vit", size=160), pictures(range(6), size=160)
    last = trunk.network.norm
    with torch.no_grad():  # what is left is the difference of two large numbers
        last.weight.mul_(1e-3)
        last.bias.zero_()
    trunk.network.norm = torch.nn.Sequential(last, _Cancelling())
    with shown():
        found = embed(trunk, shown_, FAST)
    told = found.told["test_vit"]

    assert told["engine"] == "torch fp32"
    assert (told["kept"], told["computed"]) == (0, 6), "those by which it was found out were not there before"
    assert "torch bf16" in told["refused"]
    assert all("cosine distance" in why for why in told["refused"].values())
    assert "torch bf16 is not used" in capsys.readouterr().err
    np.testing.assert_allclose(found.features, direct(trunk, shown_), rtol=1e-3, atol=1e-6)
    with shown():
        again = embed(trunk, shown_, FAST).told["test_vit"]
    assert (again["kept"], again["computed"]) == (6, 0), "what was refused is known, and what took its place is kept"
    assert capsys.readouterr().err == "", "and it is said once"


class _Cancelling(torch.nn.Module):
    """Adds and takes away what a product in bfloat16 keeps eight bits of."""

    def __init__(self):
        super().__init__()
        self.same = torch.nn.Linear(64, 64, bias=False)
        self.same.weight.data = torch.eye(64)

    def forward(self, x):
        return self.same(x + 1) - 1


def test_features_that_are_not_finite_are_refused_and_not_kept(pictures, network):
    trunk = network()
    with torch.no_grad():
        next(trunk.network.parameters())[0] = float("nan")
    for runtime in (EXACT, FAST, FAST):
        with pytest.raises(UserError, match=r"not finite \(NaN or infinite\) for 16 of 16 rows looked at"):
            embed(trunk, pictures(), runtime)


def test_features_that_are_all_the_same_are_said(pictures, network, capsys):
    trunk = network()
    with torch.no_grad():
        for parameter in trunk.network.parameters():
            parameter.zero_()
    with shown():
        assert embed(trunk, pictures(), EXACT).told["test_resnet"]["constant"]
    assert "all 24 distinct pictures have the same features" in capsys.readouterr().err
    assert not embed(network(), pictures(), EXACT).told["test_resnet"]["constant"]


def test_what_was_computed_before_an_interruption_is_kept(pictures, network, monkeypatch):
    monkeypatch.setattr("overread.features.compute.FLUSH", 4)
    trunk, shown_ = network(), pictures(range(CHECKED + 20))
    gone = shown_.cache._path(f"{shown_.hashes[-1]}.{shown_.fitting.key}")
    gone.rename(gone.with_suffix(".elsewhere"))
    with pytest.raises(UserError, match="can no longer be read"):
        embed(trunk, shown_, FAST)
    gone.with_suffix(".elsewhere").rename(gone)
    assert embed(trunk, shown_, FAST).told["test_resnet"]["kept"] >= CHECKED


def test_where_openvino_is_not_installed_torch_computes(pictures, network, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    trunk, shown_ = network(), pictures(range(4))
    fast, exact = embed(trunk, shown_, FAST), embed(trunk, shown_, EXACT)

    assert [found.told["test_resnet"]["engine"] for found in (fast, exact)] == ["torch bf16", "torch fp32"]
    assert fast.told["test_resnet"]["refused"] == {}
    np.testing.assert_allclose(exact.features, direct(trunk, shown_), rtol=1e-4, atol=1e-5)


def test_no_picture_gives_no_row(pictures, network):
    found = embed(network(), pictures([]), FAST)
    assert found.features.shape == (0, network().features)
    assert found.exact.shape == (0, network().features)
