"""Where and how the arithmetic is done: device, precision and threads, chosen by what the machine can do, never by timing."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import cv2
import torch

from overread.recipe import Runtime


@dataclass(frozen=True)
class Machine:
    """What computes.

    Attributes
    ----------
    device : torch.device
    bf16 : bool
        Convolutions and products run in bfloat16; the head and the loss stay in float32. Logits then differ from float32 ones by
        some 1e-2 at most, and are the same from run to run.
    """

    device: torch.device
    bf16: bool

    @classmethod
    def of(cls, runtime: Runtime) -> "Machine":
        """CUDA before Apple's GPU before the processor; bfloat16 where it has instructions for it, unless told otherwise."""
        device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
        return cls(device, _has_bf16(device) if runtime.precision == "auto" else runtime.precision == "bf16")

    def autocast(self) -> AbstractContextManager[object]:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16)

    @property
    def helpers(self) -> int:
        """Threads that prepare batches: one beside a processor that computes, several beside a GPU."""
        return 1 if self.device.type == "cpu" else min(8, os.cpu_count() or 1)


def threads(runtime: Runtime) -> int:
    """Threads that torch computes on, by which its sums are rounded: as told, else as this process was given."""
    return runtime.threads or torch.get_num_threads()


@contextmanager
def computing(runtime: Runtime) -> Iterator[Machine]:
    """The machine, with torch's threads as the recipe says and OpenCV's held back, both restored afterwards."""
    torch_threads, cv2_threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(threads(runtime))
    cv2.setNumThreads(0)
    try:
        yield Machine.of(runtime)
    finally:
        torch.set_num_threads(torch_threads)
        cv2.setNumThreads(cv2_threads)


def _has_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False
