"""Batches of pictures, prepared in the background so that the network never waits, in an order that the seed alone decides."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal, TypeVar

import numpy as np
import torch
from torch import Tensor

from overread.imaging.pictures import Pictures
from overread.learners.finetune.augment import Augmenter

AHEAD = 3
"""Batches that lie ready, per helper thread."""

Batch = TypeVar("Batch")


def order(codes: np.ndarray, balance: Literal["none", "weights", "sampler"], seed: int, epoch: int) -> np.ndarray:
    """Row numbers of one epoch: a permutation, or as many draws with every class equally likely."""
    draw = np.random.default_rng((seed, epoch))
    if balance != "sampler":
        return draw.permutation(len(codes))
    present, of, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return draw.choice(len(codes), len(codes), p=1 / (len(present) * counts[of]))


def split(indices: np.ndarray, size: int) -> list[np.ndarray]:
    """Pieces of that size; a single row left over joins the piece before it, as batch statistics need two."""
    cuts = np.arange(size, len(indices), size)
    if len(cuts) and len(indices) - cuts[-1] == 1:
        cuts = cuts[:-1]
    return np.split(indices, cuts)


def ahead(make: Callable[[np.ndarray], Batch], pieces: Sequence[np.ndarray], helpers: int) -> Iterator[Batch]:
    """Make batches in the background and yield them in order; a fault in the background is raised here."""
    waiting: deque[Future[Batch]] = deque()
    rest = iter(pieces)
    with ThreadPoolExecutor(helpers, thread_name_prefix="batches") as pool:
        try:
            for piece in rest:
                waiting.append(pool.submit(make, piece))
                if len(waiting) > AHEAD * helpers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def stack(pictures: Pictures, change: Augmenter | None = None, epoch: int = 0) -> Callable[[np.ndarray], Tensor]:
    """A function from row numbers to (b, size, size, 3) uint8, each picture changed as the augmenter says."""

    def make(piece: np.ndarray) -> Tensor:
        size = pictures.fitting.size
        batch = np.empty((len(piece), size, size, 3), np.uint8)
        for place, index in enumerate(piece):
            picture = pictures[int(index)]
            batch[place] = change(picture, epoch, pictures.rows[index]) if change else picture
        tensor = torch.from_numpy(batch)
        return tensor.pin_memory() if torch.cuda.is_available() else tensor

    return make
