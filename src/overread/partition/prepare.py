"""What happens to rows before any split: they are joined, counted once, and put aside where they teach nothing."""

from dataclasses import dataclass, field

import pandas as pd

from overread.catalog import Catalog
from overread.findings import Finding
from overread.partition.components import Links, apart, components, describe
from overread.partition.copies import mark_copies


@dataclass(frozen=True)
class Prepared:
    """A catalog ready to be split.

    Attributes
    ----------
    catalog : with `component`, `copy_of`, `published` (what the reader gave as `split`), and `why` of the rows that are out
    joined : (n,) str, what joins each row's component
    findings : on copies and on conflicting labels
    """

    catalog: Catalog
    joined: pd.Series
    findings: list[Finding]

    @property
    def counted(self) -> pd.DataFrame:
        """The rows that are placed: labelled, and no copy of another."""
        return self.catalog.frame[self.catalog.frame["why"] == ""]

    def settle(self, split: pd.Series, why: pd.Series) -> Catalog:
        """The catalog with the counted rows' split and reason written in; a copy follows the row it repeats, the rest is out.

        Parameters
        ----------
        split, why : (m,) str, indexed like `counted`
        """
        frame = self.catalog.frame
        own = split.reindex(frame.index, fill_value="")
        followed = frame["copy_of"].map(own.set_axis(frame["row"])).fillna("")
        return self.catalog.replace(frame.assign(split=own.where(own != "", followed), why=why.reindex(frame.index).fillna(frame["why"])))


@dataclass(frozen=True)
class Placed:
    """What one way to split makes of a catalog.

    Attributes
    ----------
    catalog : with `split`, and a `why` for every row
    findings : on what that way cost, beside those on copies
    whole : whether it promises that no component is in two parts
    """

    catalog: Catalog
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True


def prepare(
    catalog: Catalog, links: Links = (), *, side: pd.Series | None = None, kept: pd.Series | None = None, excluded: pd.Series | None = None
) -> Prepared:
    """Join rows to components, mark copies and conflicts, put unlabelled rows aside.

    Parameters
    ----------
    catalog : as read, `split` being what the source gave
    links : pairs of row names to join beyond the keys
    side : (n,) str, the part each row is bound to, if it is; a copy then counts once on each side, rather than once in all
    kept : (n,) bool, rows whose labels are settled: one of them is not put aside because another row contradicts it
    excluded : (n,) str, why a row is out before anything else is looked at; such a row joins nothing. Blank for the others
    """
    links = list(links)
    frame = catalog.frame
    if excluded is not None:
        frame, links = apart(frame, links, excluded != "")
    component = components(frame, links)
    marked, findings = mark_copies(catalog.replace(frame), side, kept)
    why = marked.frame["why"] if excluded is None else excluded.where(excluded != "", marked.frame["why"])
    why = why.mask(frame[list(catalog.targets)].isna().all(axis=1) & (why == ""), "no label")
    made = catalog.frame.assign(component=component, published=given(catalog), split="", copy_of=marked.frame["copy_of"], why=why)
    return Prepared(catalog.replace(made), describe(frame, component, links), findings)


def given(catalog: Catalog) -> pd.Series:
    """(n,) str: the split that the data came with."""
    frame = catalog.frame
    return frame["published"] if (frame["published"] != "").any() else frame["split"]
