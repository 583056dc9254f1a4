"""Which pairs of pictures are worth a closer look: those that share many local features in one arrangement.

Every descriptor finds its nearest among all others, in a form that neither mirroring nor inverting changes. A hit votes for the other picture
together with the turn and the change of size that it implies, since the hits of a copy agree on both (weak geometric consistency, Jegou et
al. 2008).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.duplicates.describe import Described
from overread.duplicates.index import Pool, build, gather
from overread.duplicates.symmetry import INVERTED, MIRRORED
from overread.progress import track

NEAREST, OWN = 4, 8
"""Nearest descriptors of other pictures that vote, and those of the picture itself that are passed over to reach them."""

CLOSE = 0.08
"""Squared distance at which a vote has fallen to a third."""

TURNS, SIZES = 12, 7
"""Steps of a full turn, and octaves of a change of size, that votes are counted in."""

LEAST = 1.2
"""Votes below which a picture is not proposed: two perfect hits, or a few near ones, in one arrangement."""

CANDIDATES = 5
"""Pictures that each picture proposes."""

BATCH = 200
"""Pictures whose votes are counted at once."""

PAIR = ["asker", "picture"]
ARRANGEMENT = [*PAIR, "parity", "octave", "turn"]


def propose(described: Sequence[Described], square: NDArray[np.bool_], threads: int, seed: int = 0) -> NDArray[np.int64]:
    """Pairs that may be copies of each other.

    Parameters
    ----------
    described : one a view, the first n the pictures as they are; those after them, made square, ask for squares alone, and nobody for them
    square : (n,) whether a picture is square by itself
    seed : draws the cells of the index

    Returns
    -------
    (p, 3) int64
        Two positions, the smaller first, and the parity between them, in order; none twice.
    """
    pool = gather(described, len(square), seed)
    if len(np.unique(pool.owner[: pool.held])) < 2:
        return np.empty((0, 3), np.int64)
    batches = [np.arange(begin, min(begin + BATCH, len(described))) for begin in range(0, len(described), BATCH)]
    ends = np.searchsorted(pool.owner, np.arange(len(described) + 1))
    with ThreadPoolExecutor(threads, initializer=_one_openmp_thread) as workers:
        index = workers.submit(build, pool.vectors[: pool.held], seed).result()
        asked = workers.map(lambda batch: _ask(pool, index, square, np.arange(ends[batch[0]], ends[batch[-1] + 1])), batches)
        found = list(track(asked, "comparing pictures", len(batches)))
    return np.unique(np.concatenate(found), axis=0)


def _one_openmp_thread() -> None:
    """One OpenMP thread for what this thread calls: the index is always built alike, and those that torch computes on are left as they are,
    whose number is the caller's own.
    """
    faiss.omp_set_num_threads(1)


def _ask(pool: Pool, index: faiss.IndexIVFFlat, square: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(p, 3) the candidates of the views that own these descriptors."""
    rows = rows[pool.asked[rows]]
    if not len(rows):
        return np.empty((0, 3), np.int64)
    far, hit = index.search(pool.vectors[rows], NEAREST + OWN)
    mine = np.repeat(rows, hit.shape[1]).reshape(hit.shape)
    asker, picture = pool.owner[mine], pool.owner[hit]
    other = (hit >= 0) & (picture != asker) & ((asker < len(square)) | square[picture])
    nearest = other & (other.cumsum(axis=1) <= NEAREST)
    best = _best(_votes(pool, mine[nearest], hit[nearest], np.exp(-far[nearest] / CLOSE)))
    asker, picture, parity = (best[name].to_numpy() for name in (*PAIR, "parity"))
    return np.stack([np.minimum(asker, picture), np.maximum(asker, picture), parity], axis=1)


def _votes(pool: Pool, mine: NDArray[np.int64], hit: NDArray[np.int64], weight: NDArray[np.float32]) -> pd.DataFrame:
    """One line a hit: who asks, whom it votes for, in which arrangement, and how near it is."""
    parity = pool.parity[mine] ^ pool.parity[hit]
    here, there = pool.turn[mine], pool.turn[hit]
    turn = np.where(parity & MIRRORED, there + here - 180, there - here) + 180 * (parity & INVERTED > 0)
    octave = np.round(np.log2(pool.size[hit] / pool.size[mine]) + SIZES // 2).clip(0, SIZES - 1)
    return pd.DataFrame(
        {
            "asker": pool.owner[mine],
            "picture": pool.owner[hit],
            "parity": parity,
            "octave": octave.astype(np.int64),
            "turn": ((turn % 360) * TURNS / 360).astype(np.int64) % TURNS,
            "weight": weight,
        }
    )


def _best(votes: pd.DataFrame) -> pd.DataFrame:
    """The pictures that each asker has most votes for in one arrangement, two neighbouring turns taken together."""
    sums = votes.groupby(ARRANGEMENT, as_index=False)["weight"].sum()
    beside = sums.assign(turn=(sums["turn"] - 1) % TURNS)
    sums["weight"] += sums[ARRANGEMENT].merge(beside, on=ARRANGEMENT, how="left")["weight"].fillna(0)
    ranked = sums[sums["weight"] >= LEAST].sort_values(["asker", "weight", "picture", "parity"], ascending=[True, False, True, True])
    best: pd.DataFrame = ranked.drop_duplicates(PAIR).groupby("asker").head(CANDIDATES)
    return best
