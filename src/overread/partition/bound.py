"""What an old split says of the rows of a later catalog: which are bound to a part, and which to two."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from overread.partition.components import JOINS, apart, components
from overread.partition.published import PARTS

BRIDGE = "excluded: bridge: it belongs with old images in "


@dataclass(frozen=True)
class Bound:
    """What the old table says of the rows of a new catalog; (n,) each.

    Attributes
    ----------
    kept : str, the part of a row that is old, blank for a new one
    side : str, the part of a row that is old or belongs with old ones, blank for the others
    excluded : str, why a row is out, blank for the others
    torn : bool, old rows that belong with old rows of another part
    """

    kept: pd.Series
    side: pd.Series
    excluded: pd.Series
    torn: pd.Series

    @classmethod
    def of(cls, frame: pd.DataFrame, old: pd.DataFrame, links: list[tuple[str, str]]) -> "Bound":
        """Bind the rows of a catalog's frame to the parts of `read_frozen`'s table; `links` are pairs of rows of the frame.

        A new row that touches old rows of two parts is excluded, and so are two new rows that touch each other and old rows of different parts,
        and all of a cluster of new rows that reaches two parts only together. Whatever else touches one part follows it.
        """
        kept = _same_images(frame, old)
        new = np.asarray(kept == "", dtype=bool)
        own, ties = _one_hot(kept), _Ties(frame, old, links)
        direct = ties.with_old(_sides(old)) | ties.beside(own)
        reached: np.ndarray = np.where(new[:, None], direct, own)
        tied = np.asarray(reached.any(axis=1))
        bridge = new & (reached.sum(axis=1) > 1)
        reached |= (new & tied)[:, None] & ties.beside(_without(reached, bridge))  # two new rows, each of another old patient
        bridge = new & (reached.sum(axis=1) > 1)
        cluster = components(*apart(frame, links, pd.Series(tied, index=frame.index)))  # new rows that touch nothing old go together
        reached |= ~tied[:, None] & _any_of(ties.beside(_without(reached, bridge)), cluster)
        bridge = new & (reached.sum(axis=1) > 1)
        excluded = pd.Series("", index=frame.index, dtype="str")
        for pair in combinations(range(len(PARTS)), 2):
            excluded = excluded.mask(bridge & reached[:, pair].all(axis=1), BRIDGE + " and ".join(PARTS[i] for i in pair))
        part = np.array(PARTS, dtype=object)[reached.argmax(axis=1)]
        side = pd.Series(np.where(reached.any(axis=1) & ~bridge, part, ""), index=frame.index, dtype="str")
        torn = ~new & (_any_of(own, components(*apart(frame, links, excluded != ""))).sum(axis=1) > 1)
        return cls(kept, side, excluded, pd.Series(torn, index=frame.index))


class _Ties:
    """Who shares a key, bytes, pixels or a link with whom, among n new rows and m old ones; parts are (n, parts) or (m, parts) bool."""

    def __init__(self, frame: pd.DataFrame, old: pd.DataFrame, links: list[tuple[str, str]]) -> None:
        self.n = len(frame)
        self.codes = [pd.factorize(both.where(both != ""))[0] for key in JOINS for both in [pd.concat([frame[key], old[key]], ignore_index=True)]]
        self.links = pd.Index(frame["row"]).get_indexer(np.asarray(links, dtype=object).ravel()).reshape(-1, 2).T

    def with_old(self, sides: np.ndarray) -> np.ndarray:
        """(n, parts) bool: the parts of the old rows that each row has something in common with."""
        return self._common([code[self.n :] for code in self.codes], sides)

    def beside(self, sides: np.ndarray) -> np.ndarray:
        """(n, parts) bool: the parts of the rows that each row has something in common with, or is linked to."""
        found = self._common([code[: self.n] for code in self.codes], sides)
        one, other = self.links
        np.logical_or.at(found, one, sides[other])
        np.logical_or.at(found, other, sides[one])
        return found

    def _common(self, codes: list[np.ndarray], sides: np.ndarray) -> np.ndarray:
        found = np.zeros((self.n, len(PARTS)), dtype=bool)
        for theirs, every in zip(codes, self.codes, strict=True):
            held = np.zeros((every.max(initial=-1) + 2, len(PARTS)), dtype=bool)  # the last is that of a blank
            for part in range(len(PARTS)):
                held[theirs[sides[:, part]], part] = True
            held[-1] = False
            found |= held[every[: self.n]]
        return found


def _same_images(frame: pd.DataFrame, old: pd.DataFrame) -> pd.Series:
    """(n,) str: the part of the row of the old table that has the same image, blank where there is none.

    Several rows of one image are matched in their order; a name that stands for several files, as in two sources, with its bytes.
    """
    several = set(frame.loc[frame.groupby("image")["file"].transform("nunique") > 1, "image"])
    keys = []
    for rows in (frame, old):
        name = rows["image"].mask(rows["image"].isin(several), rows["image"] + "\n" + rows["bytes_sha"])
        keys.append(pd.MultiIndex.from_arrays([name, rows.groupby(name).cumcount()]))
    found = pd.Series(old["split"].to_numpy(), index=keys[1]).reindex(keys[0], fill_value="")
    return pd.Series(found.to_numpy(), index=frame.index, dtype="str").mask(frame["image"] == "", "")


def _sides(old: pd.DataFrame) -> np.ndarray:
    """(m, parts) bool: the parts that each old row's component is in."""
    alone = "row " + old.index.astype("str").to_series(index=old.index)
    return _any_of(_one_hot(old["split"]), old["component"].mask(old["component"] == "", alone))


def _without(sides: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.where(rows[:, None], False, sides)


def _any_of(sides: np.ndarray, group: pd.Series) -> np.ndarray:
    """(n, parts) bool: the parts that any row of the same group has."""
    return np.asarray(pd.DataFrame(sides).groupby(group.to_numpy()).transform("any"), dtype=bool)


def _one_hot(split: pd.Series) -> np.ndarray:
    return np.stack([(split == part).to_numpy(dtype=bool) for part in PARTS], axis=1)
