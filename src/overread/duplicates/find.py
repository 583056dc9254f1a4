"""Near-copies of a catalog's pictures: proposed by shared local features, believed after geometry and pixels agree."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.catalog import Catalog
from overread.duplicates.describe import Described, describe_all, grey, shapes
from overread.duplicates.links import COLUMNS, none
from overread.duplicates.propose import propose
from overread.duplicates.symmetry import INVERTED, MIRRORED
from overread.duplicates.verify import agree, copies, match
from overread.imaging.pictures import Pictures
from overread.imaging.scan import one_thread_each
from overread.progress import track

VERSION = 2
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


def _sought(frame: pd.DataFrame, pictures: Pictures, threads: int) -> list[list[Any]]:
    """The evidence of every link, rows by their position."""
    described = describe_all(pictures, frame, threads)
    pairs = propose(described, threads)
    return [entry for entry in _verified(pairs, described, pictures, shapes(frame), threads) if entry]


def _verified(
    pairs: NDArray[np.int64], described: Sequence[Described], pictures: Pictures, sizes: NDArray[np.int64], threads: int
) -> Iterator[list[Any] | None]:
    """The evidence for each pair, None for one that is no copy."""
    look = lru_cache(maxsize=256)(lambda index: grey(pictures, sizes, index))

    def one(pair: NDArray[np.int64]) -> list[Any] | None:
        here, there, parity = map(int, pair)
        found = match(described[here], described[there], _width(sizes[here], pictures.fitting.size), parity)
        if found is None:
            return None
        correlation, overlap = agree(look(here), look(there), found)
        if not copies(correlation, overlap, found):
            return None
        turned = [bool(parity & MIRRORED), bool(parity & INVERTED), round(found.angle, 1), round(found.scale, 3)]
        return [here, there, *turned, found.inliers, round(correlation, 3), round(overlap, 3)]

    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        yield from track(pool.map(one, pairs), "verifying near-copies", len(pairs))


def _width(shape: NDArray[np.int64], size: int) -> int:
    """Width of a fitted picture, in pixels."""
    return max(1, round(int(shape[1]) * size / int(shape.max())))
