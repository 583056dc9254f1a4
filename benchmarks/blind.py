"""A published set as the audit would see it if the table said nothing of who belongs with whom, with that answer kept apart to compare with."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from overread.audit.alike import families, found_again
from overread.audit.base import Context
from overread.catalog import KEYS, Catalog, join
from overread.datasets.base import read
from overread.duplicates.find import find
from overread.evaluation.intervals import Interval
from overread.experiment.rows.gather import cores, scan_all
from overread.findings import Effect
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.partition import prepare
from overread.recipe import Runtime

FITTING = Fitting(224)
"""The squares that `overread audit` compares."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Blind:
    """One or several sources, scanned, their keys taken out, and the near-copies found in them.

    Attributes
    ----------
    catalog : `patient`, `study` and `group` are blank
    answer : (n, keys) str, what they were, as the index of the catalog
    links : what `overread.duplicates.find` found in the pixels
    rejected : files that could not be read
    """

    catalog: Catalog
    answer: pd.DataFrame
    links: pd.DataFrame
    rejected: pd.DataFrame
    pictures: Pictures

    @property
    def rows(self) -> pd.DataFrame:
        return self.catalog.frame

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The links, as what joins rows."""
        return list(zip(self.links["row"], self.links["other"], strict=True))

    @cached_property
    def family(self) -> pd.Series:
        """(n,) int: rows that show one picture."""
        return families(self.rows, self.links)

    @cached_property
    def linked(self) -> pd.DataFrame:
        """The answer to both ends of each link: columns `patient`, `patient_other` and so on."""
        named = self.answer.set_axis(self.rows["row"])
        ends = [named.loc[self.links[side]].reset_index(drop=True) for side in ("row", "other")]
        return ends[0].join(ends[1], rsuffix="_other")

    def opened(self, *keys: str) -> Catalog:
        """The catalog with some of its keys given back."""
        return self.catalog.replace(self.rows.assign(**{key: self.answer[key] for key in keys}))

    def context(self, *keys: str, split: pd.Series | None = None) -> Context:
        """What a check is given, with some of the keys; a split in the place of the published one."""
        catalog = self.opened(*keys)
        side = self.rows["split"] if split is None else split
        prepared = prepare(catalog.replace(catalog.frame.assign(split=side)), self.pairs, side=side)
        frame = prepared.catalog.frame
        return Context(prepared.catalog.replace(frame.assign(split=frame["published"])), self.links, self.rejected, self.pictures)

    def again(self, asked: pd.Series, beside: pd.Series) -> pd.DataFrame:
        """Rows of one part whose picture is in the other, see `overread.audit.alike.found_again`."""
        return found_again(self.rows, self.family, self.links, asked, beside)


def blind(*sources: str) -> Blind:
    """Read sources and look for near-copies; of several, what their labels are called is not compared."""
    given = read(sources) if len(sources) == 1 else join([Catalog(one.frame, {}, [], one.source) for one in (read([each]) for each in sources)])
    found, rejected = scan_all(given, FITTING, Runtime())
    catalog = found.replace(found.frame.assign(**dict.fromkeys(KEYS, "")))
    pictures = Pictures(catalog.frame, FITTING, Cache())
    links = find(catalog, pictures, cores(Runtime()))
    return Blind(catalog, found.frame[list(KEYS)], links, rejected, pictures)


def count(data: str, asked: str, found: int, of: int | None = None, aim: str = "") -> Row:
    """How many were found, of how many, and what was hoped for."""
    return {"data": data, "asked": asked, "found": int(found), "of": None if of is None else int(of), "low": None, "high": None, "aim": aim}


def figure(data: str, asked: str, found: Interval | Effect, of: int, aim: str = "") -> Row:
    """A figure with its interval, over so many pictures."""
    value, low, high = (None if bound is None else round(float(bound), 4) for bound in (found.value, found.low, found.high))
    return {"data": data, "asked": asked, "found": value, "of": of, "low": low, "high": high, "aim": aim}
