"""`overread embed`, from the command line to the table."""

import json

import pandas as pd
import pytest
import torch

from overread.cli.app import answer


@pytest.fixture
def backbone(tmp_path):
    """Options that name a tiny network with weights in a file."""
    from overread.backbones.torchvision import timm

    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "tensors.pth")
    return ["--backbone", "test_vit", "--weights", str(tmp_path / "tensors.pth"), "--size", "96"]


def test_the_second_time_everything_is_kept_and_the_numbers_are_the_same(source, backbone, tmp_path, capsys):
    tables = []
    for turn in range(2):
        out = tmp_path / f"{turn}.parquet"
        assert answer(["embed", source(), *backbone, "--out", str(out), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)["result"]
        tables.append(pd.read_parquet(out))
        assert (told["images"], told["size"]) == (40, 96)
        [one] = told["backbones"]
        assert (one["kept"], one["computed"]) == ((0, 40), (40, 0))[turn]
    pd.testing.assert_frame_equal(*tables)


def test_pool_and_fit_are_other_features(source, backbone, tmp_path, capsys):
    for name, options in {"own": [], "mean": ["--pool", "mean"], "crop": ["--set", "image.fit=squash"]}.items():
        assert answer(["embed", source(), *backbone, "--out", str(tmp_path / f"{name}.csv"), *options]) == 0
        assert "0 were kept from before" in capsys.readouterr().out
    own, mean = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("own", "mean"))
    assert "test_vit:0" in own
    assert "test_vit mean:0" in mean


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--backbone", "resnet5"], "no backbone 'resnet5'"),
        (["--weights", "a.pth", "--weights", "b.pth"], "2 weights files for 1 backbones"),
        (["--weights", "nowhere.pth"], "no weights file"),
        (["--pool", "maximum"], "backbone.pool"),
        (["--size", "3"], "image.size"),
        (["--set", "learner.kind=finetune"], "does nothing here"),
        (["--backbone", "efficientnet-lite0", "--pool", "token"], "no tokens to pool"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(source, refused, tmp_path, options, words):
    assert words in refused("embed", source(), "--out", tmp_path / "f.parquet", *options)
    assert not (tmp_path / "f.parquet").exists()
