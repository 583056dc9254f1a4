"""A case may be more than an image: the images of a study or a patient, with one truth and one answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import log_expit, log_softmax

from overread.catalog import Catalog, Target
from overread.evaluation.pooling import Pool, choose_exponent, pool, pool_of

Unit = Literal["image", "study", "patient"]

APART = ("split", "repeat", "fold")
"""Columns whose different values are never pooled: each fold has a model of its own."""


@dataclass(frozen=True)
class Units:
    """The images of units, side by side.

    Attributes
    ----------
    rows : the images' rows, those of a unit together, in the catalog's order within it
    first : (u,) int, where each unit begins in `rows`
    """

    rows: pd.DataFrame
    first: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """(u,) images of each unit."""
        return np.diff(self.first, append=len(self.rows))

    @property
    def member(self) -> pd.Series:
        """(n,) str: the name of the unit, which is the row of its first image, of each image."""
        named = self.rows["row"].to_numpy()
        return pd.Series(np.repeat(named[self.first], self.size), index=self.rows.index)

    def truth(self, labels: pd.Series, target: Target) -> np.ndarray:
        """(u,) int in [0, C), -1 unknown: what a unit is, of (n,) labels of its images.

        One positive image makes a unit positive, the highest of ordinal classes is the unit's; images that are known to be of several
        unordered classes leave it unknown (see `mixed`).
        """
        most = np.maximum.reduceat(target.encode(labels), self.first) if len(self.first) else np.empty(0, dtype=np.int64)
        return np.where(self.mixed(labels, target), -1, most) if target.kind == "multiclass" else most

    def mixed(self, labels: pd.Series, target: Target) -> np.ndarray:
        """(u,) bool: whether images of one unit are known to be of different classes."""
        if not len(self.first):
            return np.empty(0, dtype=bool)
        code = target.encode(labels)
        least = np.minimum.reduceat(np.where(code < 0, len(target.classes), code), self.first)
        return np.asarray((least < len(target.classes)) & (least != np.maximum.reduceat(code, self.first)))

    def log_p(self, name: str, target: Target, said: str = "raw") -> np.ndarray:
        """(n, C) logarithms of the images' probabilities, as the learner gave them, without calibration; of two classes to the last digit."""
        raw = self.rows[[f"{said}:{name}:{cls}" for cls in target.classes]].to_numpy(dtype=np.float64)
        if target.kind != "binary":
            return np.asarray(log_softmax(raw, axis=1))
        odds = raw[:, 1] - raw[:, 0]
        return np.stack([log_expit(-odds), log_expit(odds)], axis=1)


def gather(rows: pd.DataFrame, frame: pd.DataFrame, unit: Unit) -> Units:
    """Put the images of each unit side by side.

    Parameters
    ----------
    rows : of images, with `row` and, where there are such, `split`, `repeat` and `fold`: rows that differ in these are not put together
    frame : a catalog's, with the keys and the components of the rows
    unit : study or patient

    Raises
    ------
    ValueError
        A unit lies in two components: its images could stand on two sides of a split.

    Notes
    -----
    A study is a pair of patient and study where both are named: many sources number the studies of each patient from 1. A blank key is a
    unit of its own.
    """
    rows = rows.reset_index(drop=True)
    place = pd.Index(frame["row"]).get_indexer(rows["row"])
    told = frame[["row", "patient", "study", "component"]].iloc[place].reset_index(drop=True)
    own = told["row"].where(told[unit] == "", "")
    key = [told["patient"], told["study"]] if unit == "study" else [told["patient"]]
    apart = [rows[column] for column in APART if column in rows]
    code = rows.groupby([*apart, *key, own], sort=False, dropna=False).ngroup().to_numpy()
    order = np.lexsort((place, code))
    first = np.flatnonzero(np.diff(code[order], prepend=-1))
    units = Units(rows.iloc[order], first)
    component = told["component"].to_numpy()[order]
    if (component != np.repeat(component[first], units.size)).any():
        raise ValueError(f"a {unit} lies in two components")
    return units


def pooled(units: Units, targets: Mapping[str, Target], how: Pool, exponents: Mapping[str, float]) -> pd.DataFrame:
    """What is said of units, a row each.

    Parameters
    ----------
    units : of image-level predictions: ``truth:T``, ``raw:T:C`` and, of a cascade, ``oracle:T:C``, ``abstained:T``, ``route``
    how, exponents : see `pool` and `pool_of`; the exponents of the learned pool by target

    Returns
    -------
    pandas.DataFrame
        `row` (of the unit's first image), `images` (how many), `split`, `repeat`, `fold`, ``truth:T``, ``raw:T:C`` (logarithms of pooled
        probabilities), and of a cascade ``oracle:T:C`` (NaN where the oracle is silent on an image), ``abstained:T`` (of any image),
        `route` (the most frequent).
    """
    rows, first = units.rows, units.first
    told = rows.iloc[first][["row", *(name for name in APART if name in rows)]].assign(images=units.size).reset_index(drop=True)
    columns: dict[str, Any] = {}
    for name, target in targets.items():
        columns[f"truth:{name}"] = named(units.truth(rows[f"truth:{name}"], target), target)
        for said in ("raw", "oracle"):
            if f"{said}:{name}:{target.classes[0]}" in rows:
                answer = pool(units.log_p(name, target, said), first, pool_of(how, target), target.kind == "binary", exponents.get(name, 0.0))
                columns |= {f"{said}:{name}:{cls}": answer[:, i] for i, cls in enumerate(target.classes)}
        if f"abstained:{name}" in rows:
            columns[f"abstained:{name}"] = np.logical_or.reduceat(rows[f"abstained:{name}"].to_numpy(dtype=bool), first)
    if "route" in rows:
        columns["route"] = _most_frequent(rows["route"], units.member).reindex(told["row"]).to_numpy()
    return told.assign(**columns)


def learn_exponents(units: Units, targets: Mapping[str, Target], calibrate: bool) -> dict[str, float]:
    """The learned pool's exponent of every target, from validation units."""
    return {
        name: choose_exponent(units.log_p(name, target), units.first, units.truth(units.rows[f"truth:{name}"], target), target, calibrate)
        for name, target in targets.items()
    }


def as_units(catalog: Catalog, unit: Unit) -> Catalog:
    """A catalog with a row a unit: that of its first counted image, with the unit's truths."""
    counted = catalog.frame[(catalog.frame["copy_of"] == "") & (catalog.frame["split"] != "")]
    units = gather(counted, catalog.frame, unit)
    truths = {name: named(units.truth(units.rows[name], target), target) for name, target in catalog.targets.items()}
    return catalog.replace(units.rows.iloc[units.first].reset_index(drop=True).assign(**truths))


def named(codes: np.ndarray, target: Target) -> pd.Series:
    """(n,) class names of (n,) class numbers, missing for -1."""
    return pd.Series(target.decode(codes), dtype="str").mask(codes < 0)


def _most_frequent(values: pd.Series, member: pd.Series) -> pd.Series:
    """The most frequent value of each member, the first of equals, by member."""
    counted = pd.DataFrame({"member": member, "value": values}).value_counts(sort=False).rename("n").reset_index()
    order = pd.DataFrame({"member": member, "value": values}).drop_duplicates().assign(place=lambda f: np.arange(len(f)))
    ranked = counted.merge(order, on=["member", "value"]).sort_values(["n", "place"], ascending=[False, True])
    return ranked.drop_duplicates("member").set_index("member")["value"]
