"""From sources to a catalog whose every file was opened once: hashed, its facts noted, its pixels fitted and cached."""

import hashlib
import os
from collections.abc import Sequence

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.base import read
from overread.duplicates.find import find
from overread.findings import Finding, Severity
from overread.imaging.cache import Cache
from overread.imaging.dicom.view import AS_FILED, View
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan
from overread.progress import note
from overread.recipe import Runtime


def gather(sources: Sequence[str], fitting: Fitting, runtime: Runtime) -> tuple[Catalog, pd.DataFrame]:
    """Read the sources and every image they name.

    Returns
    -------
    catalog : Catalog
        The rows whose image could be read, with `bytes_sha`, `pixel_sha` and `fact:*`.
    rejected : pandas.DataFrame
        `row`, `image`, `reason` of the others.
    """
    return scan_all(read(sources), fitting, runtime)


def scan_all(given: Catalog, fitting: Fitting, runtime: Runtime) -> tuple[Catalog, pd.DataFrame]:
    """The same for a catalog that a reader made already."""
    catalog, rejected = scan(given, fitting, Cache(), cores(runtime))
    note(f"{len(catalog):,} image{'s' * (len(catalog) != 1)} read, {len(rejected)} rejected")
    return catalog, rejected


COMPARED = 224
"""Edge of the squares in which near-copies are sought, whatever a network sees: links do not depend on it."""


def near_copies(found: Catalog, runtime: Runtime, view: View = AS_FILED) -> pd.DataFrame:
    """Pairs of rows whose pictures are copies of each other, altered or not; see `overread.duplicates.find`."""
    links = find(found, Pictures(found.frame, Fitting(COMPARED, view=view), Cache()), cores(runtime))
    note(f"{len(links):,} pair{'s' * (len(links) != 1)} of near-copies found")
    return links


def pairs(links: pd.DataFrame) -> list[tuple[str, str]]:
    """Links as a partition takes them."""
    return list(zip(links["row"], links["other"], strict=True))


def cores(runtime: Runtime) -> int:
    """Threads to work with: as told, else every core this process may use."""
    return runtime.threads or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def fingerprint(catalog: Catalog) -> str:
    """SHA-256 of what the data are: content and labels of every row, whatever the files are called."""
    told = catalog.frame[["bytes_sha", *catalog.targets]].astype("str").fillna("")
    lines = sorted(told.agg("\t".join, axis=1))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def rejections(rejected: pd.DataFrame, listed: str = "rejected.csv") -> list[Finding]:
    """The finding that files were left out, if any were; `listed` is the file that names them."""
    if rejected.empty:
        return []
    reasons = "; ".join(f"{n} x {reason}" for reason, n in rejected["reason"].value_counts().items())
    return [
        Finding(
            check="unreadable",
            subject="data",
            severity=Severity.LOW,
            passed=False,
            sentence=f"{len(rejected):,} file{'s' * (len(rejected) > 1)} could not be read and take{'s' * (len(rejected) == 1)} no part: {reasons}.",
            evidence=[listed],
            remedy="Fetch those files again; if one class loses more files than another, say so beside the figure.",
        )
    ]
