import pickle
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from overread.backbones.torchvision import timm
from overread.backbones.weights import find, pour, read
from overread.errors import UserError


def test_a_named_file_is_looked_for_as_a_path_and_then_in_the_folder(tensors, stored, tmp_path, monkeypatch):
    path = stored(tensors(), "folder/mine.safetensors")
    monkeypatch.setenv("OVERREAD_WEIGHTS", str(path.parent))
    monkeypatch.chdir(tmp_path)

    assert find("test_resnet", str(path)) == path
    assert find("test_resnet", "folder/mine.safetensors").samefile(path)
    assert find("test_resnet", "mine.safetensors") == path
    with pytest.raises(UserError, match=r"no weights file 'other.safetensors'"):
        find("test_resnet", "other.safetensors")


def test_the_folder_is_searched_by_name_and_a_longer_name_is_another_backbone(tensors, stored, monkeypatch):
    path = stored(tensors(), "folder/resnet50_v1.keras.fp16.safetensors")
    monkeypatch.setenv("OVERREAD_WEIGHTS", str(path.parent))

    assert find("resnet50-v1", None) == path
    assert find("resnet50", None) is None


def test_without_a_folder_nothing_is_found(monkeypatch):
    monkeypatch.delenv("OVERREAD_WEIGHTS", raising=False)

    assert find("resnet50", None) is None


def test_two_files_for_one_backbone_are_not_guessed_between(tensors, stored, monkeypatch):
    path = stored(tensors(), "folder/test_resnet.a.safetensors")
    stored(tensors(), "folder/test_resnet.b.safetensors")
    monkeypatch.setenv("OVERREAD_WEIGHTS", str(path.parent))

    with pytest.raises(UserError, match=r"2 files could be the weights .*test_resnet\.a.*test_resnet\.b"):
        find("test_resnet", None)


def test_half_precision_becomes_float32_and_metadata_come_along(tensors, stored):
    path = stored({name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in tensors().items()}, mean="0.5,0.5,0.5")

    weights = read(path)

    assert {tensor.dtype for tensor in weights.tensors.values()} == {torch.float32, torch.int64}
    assert weights.metadata == {"mean": "0.5,0.5,0.5"}
    assert len(weights.sha256) == 64


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: {"state_dict": t, "epoch": 3}, lambda t: {f"module.{k}": v for k, v in t.items()}])
def test_a_pth_file_is_read_bare_in_a_checkpoint_or_from_data_parallel(tensors, tmp_path, wrap):
    torch.save(wrap(dict(tensors())), tmp_path / "w.pth")

    assert set(read(tmp_path / "w.pth").tensors) == set(tensors())


class Trap:
    """Pickles to a call that leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_a_pth_file_that_would_run_something_is_refused_unrun(tmp_path):
    torch.save({"w": Trap(tmp_path / "sprung")}, tmp_path / "w.pth")

    with pytest.raises(UserError, match="not a file of tensors alone"):
        read(tmp_path / "w.pth")
    assert not (tmp_path / "sprung").exists()
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists(), "the trap works"


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_a_file_cut_off_is_a_users_error(tensors, stored, tmp_path, name):
    whole = stored(tensors())
    torch.save(tensors(), tmp_path / "whole.pth")
    source = whole if name.endswith("safetensors") else tmp_path / "whole.pth"
    (tmp_path / name).write_bytes(source.read_bytes()[:5000])

    with pytest.raises(UserError, match="not a"):
        read(tmp_path / name)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_damage_anywhere_in_a_pth_file_is_a_users_error_or_goes_unseen(tmp_path):
    torch.save({"a": torch.zeros(3, 2)}, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    whole = (tmp_path / "w.pth").read_bytes()
    damaged = [b"hello", *(whole[:at] + bytes([whole[at] ^ 6]) + whole[at + 1 :] for at in range(len(whole)))]
    for content in damaged:
        (tmp_path / "w.pth").write_bytes(content)
        with suppress(UserError):
            read(tmp_path / "w.pth")


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "w.h5").write_bytes(b"x")

    with pytest.raises(UserError, match=r"\.h5 file are not read"):
        read(tmp_path / "w.h5")


def test_weights_fill_a_network_without_its_classifier(tensors, stored):
    network = timm.create_model("test_resnet", num_classes=0)

    pour(read(stored(tensors(seed=7))), network, "test_resnet", ("fc.",))

    wanted = tensors(seed=7)
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in network.state_dict().items())


def test_weights_of_another_architecture_are_refused_with_an_example(tensors, stored):
    network = timm.create_model("test_resnet", num_classes=0)

    with pytest.raises(UserError, match=r"another architecture than test_resnet: \d+ tensors missing \(e\.g\. .*unexpected"):
        pour(read(stored(tensors("test_efficientnet"))), network, "test_resnet", ("fc.",))


def test_a_tensor_of_another_shape_is_named(tensors, stored):
    odd = {**tensors(), "conv1.0.weight": torch.zeros(1, 2, 3, 3)}

    with pytest.raises(UserError, match=r"1 of another shape \(e\.g\. conv1\.0\.weight: \(1, 2, 3, 3\), not"):
        pour(read(stored(odd)), timm.create_model("test_resnet", num_classes=0), "test_resnet", ("fc.",))


def test_a_transformers_positions_are_fitted_to_another_size(tensors, stored):
    network = timm.create_model("test_vit", num_classes=0, img_size=64)

    pour(read(stored(tensors("test_vit"))), network, "test_vit", ("head.",))

    assert torch.equal(network.state_dict()["blocks.0.attn.qkv.weight"], tensors("test_vit")["blocks.0.attn.qkv.weight"])
