"""Which part has rows enough for an expert of its own, and how its classes are shared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from overread.catalog import Catalog
from overread.learners.cascade.options import Options
from overread.learners.network.task import Task


@dataclass(frozen=True)
class Part:
    """What the training rows say of one part.

    Attributes
    ----------
    name : str
    images, patients : labelled rows of train that count, and the patients on them (components, where patients are unknown)
    why : why the pooled expert answers for it; empty where it has its own
    small : whether its expert goes on from the pooled one
    shift : (C,) what is added to its expert's logits; see `shift`
    """

    name: str
    images: int
    patients: int
    why: str
    small: bool
    shift: tuple[float, ...]


def look(catalog: Catalog, main: Task, part: Task, options: Options) -> list[Part]:
    """Every part that the data name, in the order of its target's classes."""
    counted = [_labelled(catalog, main, split) for split in ("train", "val")]
    everything = main.target.encode(counted[0][main.name])
    found = []
    for name in part.target.classes:
        train, val = (rows[rows[part.name] == name] for rows in counted)
        patients, codes = len(set(_patients(train))), main.target.encode(train[main.name])
        why = _why_not(train, val, patients, main, options)
        balanced = options.expert.get("balance") != "none"
        moved = shift(codes, everything, len(main.target.classes)) if balanced and not why else np.zeros(len(main.target.classes))
        small = not why and options.small is not None and patients < options.small
        found.append(Part(name, len(train), patients, why, small, tuple(moved.tolist())))
    return found


def shift(codes: np.ndarray, everything: np.ndarray, classes: int) -> np.ndarray:
    """(C,) float64, what puts an expert that weighs its classes alike on one footing with the pooled one, which does so over all parts.

    Trained with weights 1 / n_c, a network gives p(c | x) / share of c among its own training rows, up to a factor. The logarithm of that
    share over the share among all rows makes the pooled expert's scale of it: what is common in a part is believed sooner there. Without it
    a score from a part with many fractures and one from a part with few would not be comparable (prior correction: Elkan 2001, "The
    foundations of cost-sensitive learning").

    Parameters
    ----------
    codes, everything : (n,) int in [0, C), the classes of the part's training rows and of all; one row a class is added to either
    """
    own, all_parts = (np.bincount(each, minlength=classes) + 1.0 for each in (codes, everything))
    moved: np.ndarray = np.log(own / own.sum()) - np.log(all_parts / all_parts.sum())
    return moved


def _labelled(catalog: Catalog, main: Task, split: str) -> pd.DataFrame:
    rows = catalog.part(split).frame
    return rows[rows[main.name].notna()]


def _patients(rows: pd.DataFrame) -> pd.Series:
    """Who each row is of: its patient, else its component, else itself."""
    return rows["patient"].where(rows["patient"] != "", _components(rows))


def _components(rows: pd.DataFrame) -> pd.Series:
    return rows["component"].where(rows["component"] != "", "row " + rows["row"])


def _why_not(train: pd.DataFrame, val: pd.DataFrame, patients: int, main: Task, options: Options) -> str:
    """What keeps a part from an expert of its own, in words; empty if nothing does."""
    if patients < options.own:
        return f"{patients} patient{'s' * (patients != 1)} in train, fewer than {options.own}"
    for name, rows in (("train", train), ("val", val)):
        present = rows[main.name].unique()
        if len(present) < 2:
            return f"{name} has {'one class only, ' + str(present[0]) if len(present) else 'no labelled image of it'}"
    held = _components(train).groupby(train[main.name]).nunique()
    scarce = [name for name in main.target.classes if held.get(name, 0) < 2]
    return f"class {scarce[0]!r} has fewer than two components in train" if scarce else ""
