"""What a check is given, and how it says what it found."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.audit.alike import families
from overread.catalog import FACT, Catalog
from overread.findings import Finding
from overread.imaging.pictures import Pictures
from overread.progress import track
from overread.registry import CHECKS

EDGE = 32
"""Edge of a thumbnail in pixels."""


@dataclass(frozen=True)
class Context:
    """The data a check reads; it changes none of it.

    Attributes
    ----------
    catalog : Catalog
        Scanned. `split` is the split that is audited (blank throughout where there is none), `component` joins rows over keys, pixels and
        near-copies, `copy_of` names the row whose pixels a row repeats.
    links : pandas.DataFrame
        Near-copies, one row a pair, see `overread.duplicates.find`; none where they were not sought.
    rejected : pandas.DataFrame
        `row`, `image`, `reason` of the files that could not be read, and their labels in the targets' columns where they are known.
    pictures : Pictures
        The fitted squares of the catalog's rows, in its order.
    folder : Path or None
        Where evidence is written; with None a check draws and writes nothing.
    draws, seed : of every bootstrap and every random choice
    read : columns that the run's model reads beside the image, none of them where it reads the image alone; None where there is no run
    texts : those of them that it reads as free text
    """

    catalog: Catalog
    links: pd.DataFrame
    rejected: pd.DataFrame
    pictures: Pictures
    folder: Path | None = None
    draws: int = 2000
    seed: int = 0
    read: tuple[str, ...] | None = None
    texts: tuple[str, ...] = ()

    @property
    def rows(self) -> pd.DataFrame:
        """The catalog's frame."""
        return self.catalog.frame

    @cached_property
    def distinct(self) -> pd.DataFrame:
        """The rows that count: no copy of another."""
        return self.rows[self.rows["copy_of"] == ""]

    @cached_property
    def family(self) -> pd.Series:
        """(n,) int: rows that show one picture, by bytes, pixels or near-copies, have one number; keys join nothing here."""
        return families(self.rows, self.links)

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """(n, 32, 32) uint8 grey thumbnails of all rows, the padding of a letterboxed square left out."""
        return self.measured(lambda picture: cv2.resize(as_grey(picture), (EDGE, EDGE), interpolation=cv2.INTER_AREA))

    def measured(self, measure: Callable[[NDArray[np.uint8]], Any]) -> NDArray[Any]:
        """What a function says of every row's picture, each file read once.

        Parameters
        ----------
        measure : (h, w, 3) uint8 -> a number or an array of one shape
            It is given the fitted square without its padding.

        Returns
        -------
        (n, ...) in the order of the rows
        """
        content = self.rows["bytes_sha"].mask(self.rows["bytes_sha"] == "", self.rows["row"])
        codes, names = pd.factorize(content)
        first = np.flatnonzero(~content.duplicated()).tolist()
        looks = [measure(self.picture(i)) for i in track(first, "looking at pictures", len(names))]
        return np.asarray(looks)[codes]

    def picture(self, place: int) -> NDArray[np.uint8]:
        """(h, w, 3) uint8: the fitted picture of the row at that place, without its padding."""
        height, width = self.rows[[f"{FACT}height", f"{FACT}width"]].iloc[place].astype(int)
        return self.pictures[place][self.pictures.fitting.within((height, width))]


def as_grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) uint8 of an (h, w, 3) RGB picture, by the weights of luma."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


class Check:
    """A published check: the function it was made of, and whether it belongs to the part that `overread train` runs first."""

    def __init__(self, function: Callable[[Context], list[Finding]], cheap: bool) -> None:
        self.function = function
        self.cheap = cheap
        update_wrapper(self, function)

    def __call__(self, context: Context) -> list[Finding]:
        return self.function(context)


def check(name: str, *, cheap: bool = False) -> Callable[[Callable[[Context], list[Finding]]], Check]:
    """Decorator that publishes ``check(context) -> list of Finding``; `cheap` ones read no picture and train no network."""

    def publish(function: Callable[[Context], list[Finding]]) -> Check:
        published: Check = CHECKS.register(name)(Check(function, cheap))
        return published

    return publish
