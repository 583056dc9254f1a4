"""The strongest descriptors of all pictures, and the index in which the nearest of each are found.

The index is an inverted file whose cells are a random sample of the descriptors themselves, found through a navigable small-world graph
(Malkov & Yashunin 2018): a cell holds about as many descriptors in a set of a thousand pictures as in one of a million, so that the cost of a
picture grows as the logarithm of their number, and nothing has to be trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from overread.duplicates.describe import Described
from overread.duplicates.symmetry import canonical

INDEXED, ASKED = 150, 100
"""Descriptors of a picture that stand in the index, and that are asked for."""

WIDTH = 32
"""Principal components of a descriptor that are compared."""

SAMPLE = 2000
"""Pictures that the components are those of."""

CELL, CELLS = 50, 6
"""Descriptors to a cell of the index, and cells that are looked through."""


@dataclass(frozen=True)
class Pool:
    """The descriptors of all pictures, reduced: what the index holds.

    Attributes
    ----------
    vectors : (m, WIDTH) float32
    owner : (m,) int64, the picture of each
    parity : (m,) int64, see `symmetry.canonical`
    turn, size : (m,) float32, orientation in degrees and size in pixels of each point
    asked : (m,) bool, whether it is among those that are asked for
    held : int, how many of them stand in the index, the first
    """

    vectors: NDArray[np.float32]
    owner: NDArray[np.int64]
    parity: NDArray[np.int64]
    turn: NDArray[np.float32]
    size: NDArray[np.float32]
    asked: NDArray[np.bool_]
    held: int


def gather(described: Sequence[Described], pictures: int, seed: int) -> Pool:
    """What the views bring to the index, in their order, the first being pictures as they are, which alone stand in it; `seed` draws the sample
    whose principal components are compared.
    """
    draw = np.random.default_rng(seed)
    some = draw.permutation(pictures)[:SAMPLE]
    sample, _ = canonical(np.concatenate([described[i].descriptors(20) for i in np.sort(some)]))
    mean = sample.mean(axis=0) if len(sample) else np.zeros(128, np.float32)
    _, axes = np.linalg.eigh((sample - mean).T @ (sample - mean))
    axes = axes[:, ::-1][:, :WIDTH].astype(np.float32)
    vectors, parities = [], []
    for one in described:
        form, parity = canonical(one.descriptors(INDEXED))
        vectors.append((form - mean) @ axes)
        parities.append(parity)
    counts = np.array([len(parity) for parity in parities])
    points = np.concatenate([one.points[:INDEXED] for one in described])
    rank = np.concatenate([np.arange(count) for count in counts])
    owner = np.repeat(np.arange(len(described)), counts)
    held = int(counts[:pictures].sum())
    return Pool(np.concatenate(vectors, dtype=np.float32), owner, np.concatenate(parities), points[:, 3], points[:, 2], rank < ASKED, held)


def build(vectors: NDArray[np.float32], seed: int) -> faiss.IndexIVFFlat:
    """The inverted file over a graph of its cells; always the same where OpenMP has one thread here."""
    cells = max(1, len(vectors) // CELL)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(vectors))[:cells])
    graph = faiss.IndexHNSWFlat(WIDTH, 16)
    graph.add(np.ascontiguousarray(vectors[chosen]))
    index = faiss.IndexIVFFlat(graph, WIDTH, cells)
    index.is_trained = True  # its cells are given, not fitted
    index.nprobe = CELLS
    index.add(vectors)
    return index
