"""A network over pictures, in batches, without gradients."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from overread.backbones.machine import Machine
from overread.backbones.preprocess import Preprocess
from overread.features.batches import ahead, split, stack
from overread.imaging.pictures import Pictures
from overread.progress import track

BATCH = 32


def infer(forward: Callable[[Tensor], Tensor], pictures: Pictures, preprocess: Preprocess, machine: Machine, what: str) -> Tensor:
    """(n, k) float32 on the processor: what `forward` makes of the normalised pictures."""
    if not len(pictures):
        return torch.empty(0, 0)
    pieces = split(np.arange(len(pictures)), BATCH)
    with torch.inference_mode(), machine.autocast():
        outputs = [
            forward(preprocess.normalise(batch.to(machine.device, non_blocking=True))).float().cpu()
            for batch in track(ahead(stack(pictures), pieces, machine.helpers), what, len(pieces))
        ]
    return torch.cat(outputs).clone()
