"""What a backbone of the house tells about itself, beside the network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from overread.backbones.preprocess import Preprocess
from overread.backbones.weights import Weights


@dataclass(frozen=True)
class Package:
    """An installed package that carries the weights."""

    name: str
    file: Callable[[], Path]


def unchanged(weights: Weights) -> Weights:
    return weights


@dataclass(frozen=True)
class Design:
    """A network, and what must be known to fill it.

    A member of `backbones/models/` is a function of the picture's size (None: the weights' own) that returns one::

        @BACKBONES.register("my-net")  # the file is my_net.py
        def my_net(size: int | None) -> Design:
            return Design(MyNet(), Preprocess(size or 128, mean, std))

    Attributes
    ----------
    network : torch.nn.Module
        (n, 3, size, size) to pooled features (n, d); no classifier.
    preprocess : Preprocess
        What its usual weights expect; a weights file whose metadata name `mean` and `std` has the last word.
    package : Package or None
        Where the weights come from if no file is given.
    adapt : callable
        Weights as they are published to weights named as in `network`.
    layout : str
        Told apart from that of other files with the same names and shapes, where there are such (`v1`).
    classifier : tuple of str
        Beginnings of tensor names that belong to a classifier and are left out.
    """

    network: nn.Module
    preprocess: Preprocess
    package: Package | None = None
    adapt: Callable[[Weights], Weights] = unchanged
    layout: str = ""
    classifier: tuple[str, ...] = ("fc.", "classifier.", "head.")
