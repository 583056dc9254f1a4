"""Which pairs of pictures are worth a closer look: those that share many local features in one arrangement.

Every picture's strongest descriptors stand in one index, in a form that neither mirroring nor inverting changes. Each finds its nearest
among all others; a hit votes for the other picture together with the turn and the change of size that it implies, since the hits of a
copy agree on both (weak geometric consistency, Jegou et al. 2008). The index is an inverted file whose cells are a random sample of the
descriptors themselves, found through a navigable small-world graph (Malkov & Yashunin 2018): a cell holds about as many descriptors in a
set of a thousand pictures as in one of a million, so that the cost of a picture grows as the logarithm of their number.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from overread.duplicates.describe import Described
from overread.duplicates.symmetry import INVERTED, MIRRORED, canonical
from overread.progress import track

INDEXED, ASKED = 150, 100
"""Descriptors of a picture that stand in the index, and that are asked for."""

NEAREST = 4
"""Nearest descriptors of other pictures that vote."""

WIDTH = 32
"""Principal components of a descriptor that are compared."""

CELL, CELLS = 50, 6
"""Descriptors to a cell of the index, and cells that are looked through."""

CANDIDATES = 5
"""Pictures that each picture proposes."""

CLOSE = 0.08
"""Squared distance at which a vote has fallen to a third."""

LEAST = 1.2
"""Votes below which a picture is not proposed: two perfect hits, or a few near ones, in one arrangement."""

TURNS, SIZES = 12, 7
"""Steps of a full turn, and octaves of a change of size, that votes are counted in."""

BATCH = 200
"""Pictures whose votes are counted at once."""


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
    """

    vectors: NDArray[np.float32]
    owner: NDArray[np.int64]
    parity: NDArray[np.int64]
    turn: NDArray[np.float32]
    size: NDArray[np.float32]
    asked: NDArray[np.bool_]


def propose(described: Sequence[Described], threads: int, seed: int = 0) -> NDArray[np.int64]:
    """Pairs that may be copies of each other.

    Parameters
    ----------
    described : one a picture
    seed : draws the cells of the index

    Returns
    -------
    (p, 3) int64
        Two positions, the smaller first, and the parity between them; no pair twice, in order.
    """
    pool = _pool(described, seed)
    if len(np.unique(pool.owner)) < 2:
        return np.empty((0, 3), np.int64)
    index = _index(pool.vectors, seed)
    batches = [np.arange(begin, min(begin + BATCH, len(described))) for begin in range(0, len(described), BATCH)]
    ends = np.searchsorted(pool.owner, np.arange(len(described) + 1))
    with ThreadPoolExecutor(threads) as workers:
        asked = workers.map(lambda batch: _ask(pool, index, np.arange(ends[batch[0]], ends[batch[-1] + 1])), batches)
        found = list(track(asked, "comparing pictures", len(batches)))
    return np.unique(np.concatenate(found), axis=0)


def _pool(described: Sequence[Described], seed: int) -> Pool:
    """What the pictures bring to the index; principal components are those of a sample."""
    draw = np.random.default_rng(seed)
    some = draw.permutation(len(described))[:2000]
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
    return Pool(np.concatenate(vectors).astype(np.float32), owner, np.concatenate(parities), points[:, 3], points[:, 2], rank < ASKED)


def _index(vectors: NDArray[np.float32], seed: int) -> faiss.IndexIVFFlat:
    """The inverted file over a graph of its cells; built by one thread, so always the same."""
    faiss.omp_set_num_threads(1)
    cells = max(1, len(vectors) // CELL)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(vectors))[:cells])
    graph = faiss.IndexHNSWFlat(WIDTH, 16)
    graph.add(np.ascontiguousarray(vectors[chosen]))
    index = faiss.IndexIVFFlat(graph, WIDTH, cells)
    index.is_trained = True  # its cells are given, not fitted
    index.nprobe = CELLS
    index.add(vectors)
    return index


def _ask(pool: Pool, index: faiss.IndexIVFFlat, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(p, 3) the candidates of the pictures that own these descriptors."""
    rows = rows[pool.asked[rows]]
    if not len(rows):
        return np.empty((0, 3), np.int64)
    far, hit = index.search(pool.vectors[rows], NEAREST + 8)
    mine = np.repeat(rows, hit.shape[1]).reshape(hit.shape)
    other = (hit >= 0) & (pool.owner[hit] != pool.owner[mine])
    nearest = other & (other.cumsum(axis=1) <= NEAREST)
    mine, hit, weight = mine[nearest], hit[nearest], np.exp(-far[nearest] / CLOSE)
    parity = pool.parity[mine] ^ pool.parity[hit]
    here, there = pool.turn[mine], pool.turn[hit]
    turn = np.where(parity & MIRRORED, there + here - 180, there - here) + 180 * (parity & INVERTED > 0)
    step = ((turn % 360) * TURNS / 360).astype(np.int64) % TURNS
    octave = np.round(np.log2(pool.size[hit] / pool.size[mine]) + SIZES // 2).clip(0, SIZES - 1).astype(np.int64)
    return _best(pool.owner[mine], pool.owner[hit] * 4 + parity, octave * TURNS + step, weight)


def _best(one: NDArray[np.int64], other: NDArray[np.int64], arrangement: NDArray[np.int64], weight: NDArray[np.float32]) -> NDArray[np.int64]:
    """The candidates with most votes in one arrangement, two neighbouring turns taken together; `other` is a picture times 4 and a parity."""
    wide, all_others = TURNS * SIZES, int(other.max(initial=0)) + 1
    bins, inverse = np.unique((one * all_others + other) * wide + arrangement, return_inverse=True)
    votes = np.bincount(inverse, weight, minlength=len(bins))
    beside = bins - bins % TURNS + (bins + 1) % TURNS
    at = np.searchsorted(bins, beside).clip(max=len(bins) - 1)
    votes = votes + np.where(bins[at] == beside, votes[at], 0)
    kept = votes >= LEAST
    pair, votes = bins[kept] // wide, votes[kept]
    asker, answer = pair // all_others, pair % all_others
    order = np.lexsort((answer, -votes, asker))
    asker, answer = asker[order], answer[order]
    _, first = np.unique(asker * (all_others // 4 + 1) + answer // 4, return_index=True)  # of each pair its best arrangement
    first.sort()
    asker, answer = asker[first], answer[first]
    rank = np.arange(len(asker)) - np.searchsorted(asker, asker)
    asker, answer = asker[rank < CANDIDATES], answer[rank < CANDIDATES]
    picture = answer // 4
    return np.stack([np.minimum(asker, picture), np.maximum(asker, picture), answer % 4], axis=1)
