"""Weights from the hub, through timm: asked once and briefly, so that a machine without a network hears so in seconds."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from huggingface_hub import constants, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError
from torch import nn

from overread.errors import UserError

BROKEN: tuple[type[Exception], ...] = tuple(kind for kind in HfHubHTTPError.__mro__ if issubclass(kind, Exception) and kind is not Exception)
"""What a transfer that breaks off raises: the hub's own errors, and those of the client (httpx or requests) that it is built on."""

PATIENCE = 5.0
"""Seconds the hub gets to say that it is there."""


def download(name: str, make: Callable[..., nn.Module]) -> nn.Module:
    """timm's network with its pretrained weights, from the hub or from its cache on this machine.

    Parameters
    ----------
    name : str
    make : callable
        ``make(pretrained=True)`` is timm's own creation of the network.

    Raises
    ------
    UserError
        There are no weights for it, or they can be had neither from the hub nor from the cache; says what can be done.
    """
    try:
        with _offline(not _reachable()):
            return make(pretrained=True)
    except BROKEN as fault:
        raise nowhere(name, f"the hub gave none ({type(fault).__name__})") from None
    except RuntimeError as fault:
        if "No pretrained weights exist" not in str(fault):
            raise
        raise nowhere(name, "the hub has none") from None


def fetch(name: str, repository: str, file: str) -> Path:
    """One file of a repository, from the hub or from its cache on this machine; raises as `download` does.

    Parameters
    ----------
    name : of the backbone, for the error
    """
    try:
        with _offline(not _reachable()):
            return Path(hf_hub_download(repository, file))
    except BROKEN as fault:
        raise nowhere(name, f"the hub gave none ({type(fault).__name__})") from None


def nowhere(name: str, why: str) -> UserError:
    stem = name.replace("-", "_")
    return UserError(
        f"no pretrained weights for {name!r}: no file was given, no package carries them, {why}",
        "backbone",
        f"do one of three: name a file (backbone.weights=..., or {stem}.safetensors in the folder OVERREAD_WEIGHTS); "
        "use efficientnet-lite0, whose weights are installed; or connect to huggingface.co once. Without any: backbone.pretrained=false",
    )


def _reachable() -> bool:
    """Whether the hub answers at all; timm's own tries take most of a minute to give up."""
    if constants.is_offline_mode():
        return False
    endpoint = os.environ.get("HF_ENDPOINT", constants.ENDPOINT)
    if not endpoint.startswith(("https://", "http://")):
        return False
    try:
        urlopen(Request(endpoint, method="HEAD"), timeout=PATIENCE).close()  # noqa: S310 (the scheme is checked above)
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True


@contextmanager
def _offline(on: bool) -> Iterator[None]:
    """Let the hub's client look into its cache only."""
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = on or before
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
