"""Near-copies of a catalog's pictures: proposed by shared local features, believed after geometry and pixels agree."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.catalog import Catalog
from overread.duplicates.common import own
from overread.duplicates.describe import Described, Look, describe_all, fitted, shapes
from overread.duplicates.links import COLUMNS, none
from overread.duplicates.propose import propose
from overread.duplicates.strangers import CONTRADICTED, agree_alone, contradicted
from overread.duplicates.symmetry import INVERTED, MIRRORED
from overread.duplicates.verify import Match, agree, copies, match
from overread.duplicates.views import Views, squeezed, views
from overread.imaging.pictures import Pictures
from overread.imaging.scan import one_thread_each
from overread.progress import track

VERSION = 4
"""Part of what the cache knows links by; raise it whenever others would be found."""


def find(catalog: Catalog, pictures: Pictures, threads: int) -> pd.DataFrame:
    """Pairs of rows whose pictures are one picture: turned by any angle, mirrored, rescaled, recompressed, brightened, inverted, framed,
    cropped to four fifths, labelled, in grey or colour.

    Two pictures of the same anatomy are no copies, however alike: what counts is that points and pixels fall on each other.

    Parameters
    ----------
    catalog : scanned
    pictures : Pictures
        Letterboxed, of the catalog's rows and in their order.
    threads : int

    Returns
    -------
    pandas.DataFrame
        One row a pair, see `links.COLUMNS`. Rows with identical pixels are joined by their hash already; the first stands for them. What was
        found among the same files before is read from the cache.

    Raises
    ------
    UserError
        A file has gone or changed since the scan.
    """
    first = np.flatnonzero(~catalog.frame["pixel_sha"].duplicated())
    if len(first) < 2:
        return none()
    frame = catalog.frame.iloc[first]
    key = _key(frame, pictures)
    found = pictures.cache.answer(key)
    if found is None:
        found = _sought(frame, Pictures(frame, pictures.fitting, pictures.cache), threads)
        pictures.cache.keep_answer(key, found)
    rows = frame["row"].to_numpy()
    table = pd.DataFrame(found, columns=list(COLUMNS)) if found else none()
    return table.assign(row=rows[table["row"].astype(int)], other=rows[table["other"].astype(int)]).astype(COLUMNS)


def _key(frame: pd.DataFrame, pictures: Pictures) -> str:
    """What the links of these files depend on, as a SHA-256."""
    return hashlib.sha256("\n".join([f"links {VERSION}", pictures.fitting.key, *frame["bytes_sha"]]).encode()).hexdigest()


@dataclass(frozen=True)
class _Pair:
    """Two views that agree, and in what way."""

    here: int
    there: int
    match: Match
    correlation: float
    overlap: float

    def told(self, seen: Views) -> list[Any]:
        """The evidence, in the order of `links.COLUMNS`."""
        here, there, match = int(seen.of[self.here]), int(seen.of[self.there]), self.match
        ways = [bool(match.parity & MIRRORED), bool(match.parity & INVERTED), seen.squeezed(self.there)]
        motion = [round(match.angle, 1), round(match.scale, 3)]
        return [here, there, *ways, *motion, match.inliers, round(self.correlation, 3), round(self.overlap, 3)]


def _sought(frame: pd.DataFrame, pictures: Pictures, threads: int) -> list[list[Any]]:
    """The evidence of every link, rows by their position."""
    stored = shapes(frame)
    seen, sizes = views(pictures, stored), fitted(stored, pictures.fitting.size)
    described = describe_all(seen.look, len(seen), threads)
    look = lru_cache(maxsize=256)(seen.look)
    agreed = [pair for pair in _agreed(propose(described, seen.square, threads), described, look, sizes, threads) if pair]
    ends = sorted({int(seen.of[end]) for pair in agreed for end in (pair.here, pair.there)})
    alone = own(look, sizes, frame["bytes_sha"].tolist(), ends)
    return _better(seen, [pair for pair in agreed if _stands(pair, look, seen, alone)])


def _agreed(pairs: NDArray[np.int64], described: Sequence[Described], look: Look, sizes: NDArray[np.int64], threads: int) -> Iterator[_Pair | None]:
    """Each pair that is a copy by its points and pixels, None for one that is not."""

    def one(pair: NDArray[np.int64]) -> _Pair | None:
        here, there, parity = map(int, pair)
        found = match(described[here], described[there], int(sizes[here, 1]), parity)
        if found is None:
            return None
        correlation, overlap = agree(look(here), look(there), found)
        if not copies(correlation, overlap, found) or contradicted(described[here], described[there], look(here), look(there), found) > CONTRADICTED:
            return None
        return _Pair(here, there, found, correlation, overlap)

    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        yield from track(pool.map(one, pairs), "verifying near-copies", len(pairs))


def _better(seen: Views, pairs: list[_Pair]) -> list[list[Any]]:
    """The evidence of each pair of pictures, in order; of two views of one pair, that which agrees better."""
    best = {tuple(sorted(seen.of[[pair.here, pair.there]].tolist())): pair for pair in sorted(pairs, key=lambda pair: pair.correlation)}
    return [best[ends].told(seen) for ends in sorted(best)]


def _stands(pair: _Pair, look: Look, seen: Views, alone: dict[int, NDArray[np.bool_]]) -> bool:
    """Whether a pair agrees in what is the own of either picture, too."""
    mine, theirs = alone.get(pair.here), alone.get(int(seen.of[pair.there]))
    if theirs is not None and seen.squeezed(pair.there):
        theirs = squeezed(theirs.astype(np.uint8) * 255) > 127
    if mine is None and theirs is None:
        return True
    return agree_alone(look(pair.here), look(pair.there), pair.match, mine, theirs)
