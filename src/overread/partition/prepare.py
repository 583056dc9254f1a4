"""What happens to rows before any split: they are joined, counted once, and put aside where they teach nothing."""

from dataclasses import dataclass

import pandas as pd

from overread.catalog import Catalog
from overread.findings import Finding
from overread.partition.components import Links, components, describe
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


def prepare(catalog: Catalog, links: Links = (), *, published: bool = False) -> Prepared:
    """Join rows to components, mark copies and conflicts, put unlabelled rows aside.

    Parameters
    ----------
    catalog : as read, `split` being what the source gave
    links : pairs of row names to join beyond the keys
    published : a copy counts once on each side of the given split, rather than once in all
    """
    links = list(links)
    given = catalog.frame["published"] if (catalog.frame["published"] != "").any() else catalog.frame["split"]
    component = components(catalog.frame, links)
    marked, findings = mark_copies(catalog, given if published else None)
    frame = marked.frame.assign(component=component, published=given, split="")
    blank = frame[list(catalog.targets)].isna().all(axis=1) & (frame["why"] == "")
    frame["why"] = frame["why"].mask(blank, "no label")
    return Prepared(catalog.replace(frame), describe(frame, component, links), findings)
