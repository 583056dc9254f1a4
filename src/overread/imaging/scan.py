"""Every file of a catalog is read once: what can be read gets its hashes, facts and a place in the cache, the rest is listed with a reason."""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import cv2
import pandas as pd

from overread.catalog import FACT, Catalog
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.facts import extension, facts
from overread.imaging.fit import Fitting
from overread.imaging.read import Unreadable, decode, fetch, pixel_hash
from overread.progress import track


def scan(catalog: Catalog, fitting: Fitting, cache: Cache, threads: int) -> tuple[Catalog, pd.DataFrame]:
    """Read a catalog's images and leave out those that cannot be read.

    Parameters
    ----------
    catalog : Catalog
        Several rows may name one `file`; it is read once.
    fitting : Fitting
        Squares of this kind are in the cache afterwards.
    cache : Cache
        A content it knows is hashed but not decoded.
    threads : int

    Returns
    -------
    Catalog
        The rows that could be read, with `bytes_sha`, `pixel_sha` and the `fact:` columns.
    pandas.DataFrame
        The rows that could not: `row`, `image`, `reason` (in words).

    Raises
    ------
    UserError
        No row could be read, or the cache cannot be written.
    """
    frame = catalog.frame.drop(columns=[*catalog.facts, "bytes_sha", "pixel_sha"])
    files = frame["file"].unique()
    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        seen = track(_in_order(pool, files, fitting, cache), "reading images", len(files))
        found = dict(zip(files, seen, strict=True))
    reasons = frame["file"].map({file: reason for file, (reason, _) in found.items()})
    readable = reasons == ""
    if not readable.any():
        first = reasons.iloc[0] if len(frame) else "there is no row"
        none = f"none of the {len(frame)} images can be read; the first" if len(frame) > 1 else "the image cannot be read"
        raise UserError(f"{none}: {first}", catalog.source, "check the files, and the folder that their names start from")
    columns = pd.DataFrame.from_dict({file: known for file, (reason, known) in found.items() if not reason}, orient="index")
    rejected = frame.loc[~readable, ["row", "image"]].assign(reason=reasons[~readable]).reset_index(drop=True)
    return catalog.replace(frame[readable].join(columns, on="file")), rejected


def _examine(file: str, fitting: Fitting, cache: Cache) -> tuple[str, dict[str, Any]]:
    """Why one file cannot be read, blank if it can, and its columns."""
    try:
        data = fetch(file)
        sha = hashlib.sha256(data).hexdigest()
        known = cache.facts(sha, fitting.view)
        if known is None or not cache.has_picture(sha, fitting):
            image = decode(data, fitting.view)
            cache.keep_picture(sha, fitting, fitting.apply(image))
            known = {"pixel_sha": pixel_hash(image), **{FACT + name: value for name, value in facts(data, image).items()}}
            cache.keep_facts(sha, known, fitting.view)
    except Unreadable as fault:
        return str(fault), {}
    return "", {"bytes_sha": sha, FACT + "extension": extension(file), **known}


def _in_order(pool: ThreadPoolExecutor, files: Iterable[str], fitting: Fitting, cache: Cache) -> Iterator[tuple[str, dict[str, Any]]]:
    """Results in the order of the files; what has not begun is called off when one fails."""
    futures = [pool.submit(_examine, file, fitting, cache) for file in files]
    try:
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """OpenCV's own threads would compete with the pool's."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(0)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
