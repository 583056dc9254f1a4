from importlib import import_module

import pytest
from torch import nn

from overread.backbones import hub
from overread.errors import UserError


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
