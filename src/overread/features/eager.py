"""Features by torch, one batch after the other, on whatever device it has."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from overread.backbones.create import Trunk
from overread.backbones.machine import Machine

BATCH = 32


def ready(trunk: Trunk, machine: Machine, bf16: bool) -> Callable[[Iterable[Tensor]], Generator[NDArray[np.float32], None, None]]:
    """The network on its device, with its products in bfloat16 or all of it in float32."""
    chosen = replace(machine, bf16=bf16)

    def forward(batches: Iterable[Tensor]) -> Generator[NDArray[np.float32], None, None]:
        trunk.to(chosen.device).eval()
        for batch in batches:
            with torch.inference_mode(), chosen.autocast():  # entered anew each time: what runs between two batches is not ours
                seen = trunk(trunk.preprocess.normalise(batch.to(chosen.device, non_blocking=True))).float().cpu()
            yield seen.numpy()

    return forward
