"""What computes features: the fastest program on this machine first, float32 in torch last, by which the others are measured."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from overread.backbones.create import Trunk
from overread.backbones.machine import Machine
from overread.features import eager, openvino

Forward: TypeAlias = Callable[[Iterable[Tensor]], Generator[NDArray[np.float32], None, None]]
"""Batches of (b, size, size, 3) uint8 to (b, d) each, in order."""

BF16, FP32 = 0.005, 1e-6
"""Largest cosine distance of a picture's features from torch's in float32, up to which a faster program is taken.

In bfloat16 a ResNet comes to 0.0015, a transformer to 0.0001, in float32 both to 1e-11; EfficientNet-Lite0 comes to 0.007, and a head on
such features gives probabilities that are off by 0.04 (docs/embed.md)."""

SHARE, ENOUGH = 5, 8
"""How many times that the share of error in what tells pictures apart may be, and the pictures that it takes to tell.

A transformer's features may differ less between pictures (cosine distance 0.005) than a bad program's do from good ones."""


@dataclass(frozen=True)
class Engine:
    """A way to compute features, not yet made ready.

    Attributes
    ----------
    name : str
        Program and precision; features of each are kept apart.
    tolerance : float
        Largest cosine distance from torch in float32; 0 for that itself, which nothing checks.
    batch, helpers : int
        Pictures at a time, and threads that decode them.
    ready : callable
        ``ready(trunk, size)`` prepares the network for pictures of that size; raises `openvino.Unfit` where it cannot.
    """

    name: str
    tolerance: float
    batch: int
    helpers: int
    ready: Callable[[Trunk, int], Forward]

    @property
    def exact(self) -> bool:
        return not self.tolerance


def engines(machine: Machine) -> list[Engine]:
    """The fastest first; the last is torch in float32.

    OpenVINO is asked where it is installed and the processor computes; bfloat16 where the machine is to use it.
    """
    own = machine.device.type == "cpu" and openvino.installed()
    bf16 = [_torch(machine, True)] if machine.bf16 else []
    return [*([_openvino(machine.bf16)] if own else []), *bf16, _torch(machine, False)]


def _torch(machine: Machine, bf16: bool) -> Engine:
    device = machine.device.type
    name = f"torch {'bf16' if bf16 else 'fp32'}" + f" on {device}" * (device != "cpu")
    return Engine(name, BF16 * bf16, eager.BATCH, machine.helpers, lambda trunk, size: eager.ready(trunk, machine, bf16))


def _openvino(bf16: bool) -> Engine:
    threads = torch.get_num_threads()
    name, tolerance = ("openvino bf16", BF16) if bf16 else ("openvino fp32", FP32)
    return Engine(name, tolerance, openvino.BATCH, threads, lambda trunk, size: openvino.ready(trunk, size, bf16, threads))


@dataclass(frozen=True)
class Distance:
    """How far a program's features are from torch's in float32.

    Attributes
    ----------
    cosine : float
        The largest cosine distance of a picture.
    error : float or None
        Sum of squared differences over that of the pictures from their mean; None of fewer than 8 pictures.
    """

    cosine: float
    error: float | None

    @classmethod
    def between(cls, ours: NDArray[np.float32], exact: NDArray[np.float32]) -> "Distance":
        """Of (n, d) features from (n, d) exact ones."""
        return cls(_furthest(ours, exact), _error(ours, exact) if len(exact) >= ENOUGH else None)

    def within(self, tolerance: float) -> bool:
        return self.cosine <= tolerance and (self.error is None or self.error <= SHARE * tolerance)

    def words(self, tolerance: float) -> str:
        """What is too far."""
        cosine = f"its features are {self.cosine:.2g} in cosine distance from float32 (at most {tolerance:g})"
        if self.error is None:
            return cosine
        return f"{cosine}, and {self.error:.2g} of what tells pictures apart is error (at most {SHARE * tolerance:g})"


def _error(ours: NDArray[np.float32], exact: NDArray[np.float32]) -> float:
    wrong, own = float(((ours - exact).astype(np.float64) ** 2).sum()), float(((exact - exact.mean(axis=0)).astype(np.float64) ** 2).sum())
    return wrong / own if own else float(wrong > 0)


def _furthest(ours: NDArray[np.float32], exact: NDArray[np.float32]) -> float:
    """The largest cosine distance between rows; 0 between two of zeros, 1 where one is."""
    a, b = ours.astype(np.float64), exact.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    apart = 1 - (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1)
    return float(np.where((a == b).all(axis=1), 0.0, apart).clip(0).max(initial=0))
