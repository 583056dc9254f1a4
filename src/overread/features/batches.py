"""Batches of pictures, prepared in the background so that the network never waits."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from overread.imaging.pictures import Pictures

AHEAD = 3
"""Batches that lie ready, per helper thread."""

Batch = TypeVar("Batch")

Change = Callable[[NDArray[np.uint8], int, str], NDArray[np.uint8]]
"""A picture, an epoch and a row to a changed copy."""


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


def stack(pictures: Pictures, change: Change | None = None, epoch: int = 0) -> Callable[[np.ndarray], Tensor]:
    """A function from row numbers to (b, size, size, 3) uint8, each picture changed in its own way if asked for."""

    def make(piece: np.ndarray) -> Tensor:
        size = pictures.fitting.size
        batch = np.empty((len(piece), size, size, 3), np.uint8)
        for place, index in enumerate(piece):
            picture = pictures[int(index)]
            batch[place] = change(picture, epoch, pictures.rows[index]) if change else picture
        tensor = torch.from_numpy(batch)
        return tensor.pin_memory() if torch.cuda.is_available() else tensor

    return make
