"""What is missing is decoded in the background, computed in batches, and kept every so many pictures, so that a kill loses little."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overread.backbones.create import Trunk
from overread.errors import UserError
from overread.features.batches import ahead, stack
from overread.features.engine import Engine, Forward
from overread.features.openvino import Unfit
from overread.features.store import Store
from overread.imaging.pictures import Pictures
from overread.progress import track

FLUSH = 256
"""Pictures computed between two writes."""


@dataclass(frozen=True)
class Job:
    """One network over pictures of which no two have the same pixels.

    Attributes
    ----------
    trunk : Trunk
    pictures : Pictures
    names : (n,) bytes of 64
        By which their features are kept.
    what : str
        The name of the progress bar.
    """

    trunk: Trunk
    pictures: Pictures
    names: NDArray[np.bytes_]
    what: str

    def ready(self, engine: Engine) -> Forward:
        """An engine made ready for this network and these pictures."""
        return engine.ready(self.trunk, self.pictures.fitting.size)


def fill(job: Job, engine: Engine, forward: Forward, store: Store, places: NDArray[np.intp], features: NDArray[np.float32]) -> None:
    """Compute the features at these places, write them into (n, d) `features` and keep them.

    Raises
    ------
    UserError, Unfit
        As `compute`; what came before is kept.
    """
    kept = done = 0

    def keep() -> None:
        store.append(job.names[places[kept:done]], features[places[kept:done]])

    try:
        for rows in compute(job, engine, forward, places):
            features[places[done : done + len(rows)]] = rows
            done += len(rows)
            if done - kept >= FLUSH:
                keep()
                kept = done
    finally:
        keep()
    store.compact()


def compute(job: Job, engine: Engine, forward: Forward, places: NDArray[np.intp]) -> Iterator[NDArray[np.float32]]:
    """(b, d) features of the pictures at these places, batch after batch, all of them finite.

    Raises
    ------
    UserError
        Torch in float32 gives some that are not finite, or a file has gone.
    Unfit
        Another engine gives some that are not finite.
    """
    pieces = [places[begin : begin + engine.batch] for begin in range(0, len(places), engine.batch)]
    with closing(forward(ahead(stack(job.pictures), pieces, engine.helpers))) as batches:
        for piece, rows in zip(pieces, track(batches, job.what, len(pieces)), strict=True):
            bad = ~np.isfinite(rows).all(axis=1)
            if bad.any():
                raise _not_finite(job, engine, piece[bad], len(piece))
            yield rows


def _not_finite(job: Job, engine: Engine, places: NDArray[np.intp], of: int) -> Exception:
    if not engine.exact:
        return Unfit("its features are not finite")
    rows = ", ".join(job.pictures.rows[place] for place in places[:3])
    return UserError(
        f"{job.trunk.name} gives features that are not finite (NaN or infinite) for {len(places):,} of {of:,} rows looked at",
        f"row {rows}" + ", ..." * (len(places) > 3),
        "give it whole weights: these are damaged, or have diverged in training",
    )
