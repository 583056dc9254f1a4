from importlib import import_module

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from overread.backbones import hub
from overread.backbones.create import create
from overread.errors import UserError
from overread.recipe import Backbone


def client_fault():
    """A connection that breaks, as the client under the hub's library says it."""
    base = next(kind for kind in hub.BROKEN if kind.__name__ in {"HTTPError", "RequestException"})
    library = import_module(base.__module__.partition(".")[0])
    return getattr(library, "ConnectError", None) or library.ConnectionError


@pytest.mark.parametrize("fault", [client_fault(), ConnectionResetError, TimeoutError])
def test_a_transfer_that_breaks_off_says_the_three_ways_out(fault):
    def make(pretrained):
        raise fault("broken off")

    with pytest.raises(UserError, match="Do one of three"):
        hub.download("resnet50", make)


def test_a_fault_that_is_not_the_hubs_is_not_hidden():
    def make(pretrained):
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        hub.download("resnet50", make)


def test_what_the_hub_gives_is_handed_on():
    network = nn.Linear(1, 1)
    assert hub.download("resnet50", lambda pretrained: network) is network


def test_the_hubs_cache_folder_serves_without_a_network(tensors, tmp_path, monkeypatch):
    """As huggingface_hub lays it out: a snapshot by its commit, and a reference to it."""
    repository, commit = tmp_path / "models--timm--test_vit.r160_in1k", "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    (repository / "snapshots" / commit).mkdir(parents=True)
    published = tensors("test_vit", seed=5)
    save_file(published, repository / "snapshots" / commit / "model.safetensors")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))

    trunk = create(Backbone(name="test_vit.r160_in1k"))

    assert trunk.origin == "hub timm/test_vit.r160_in1k"
    assert torch.equal(trunk.network.cls_token, published["cls_token"])
    with pytest.raises(UserError, match="Do one of three"):
        create(Backbone(name="test_vit2.r160_in1k"))
