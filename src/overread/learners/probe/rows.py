"""Rows to solve a head from: features, classes, weights and the components that stay together."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overread.catalog import Catalog
from overread.errors import UserError
from overread.learners.network.task import Task


@dataclass(frozen=True)
class Rows:
    """n rows of d features.

    Attributes
    ----------
    features : (n, d) float32
    codes : (n,) int64 in [0, classes)
    weights : (n,) float64, what each counts; 1 on average
    components : (n,) str; rows of one are never on two sides
    classes : how many there are
    """

    features: NDArray[np.float32]
    codes: NDArray[np.int64]
    weights: NDArray[np.float64]
    components: NDArray[np.object_]
    classes: int

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def outputs(self) -> int:
        return 1 if self.classes == 2 else self.classes

    def take(self, places: NDArray[np.intp]) -> "Rows":
        """Those rows, with the weights they have."""
        return replace(self, **{name: getattr(self, name)[places] for name in ("features", "codes", "weights", "components")})

    def seen_as(self, features: NDArray[np.float32]) -> "Rows":
        """The same rows with other features."""
        return replace(self, features=features)

    def balanced(self) -> "Rows":
        """The same rows, every class weighing the same in all."""
        counts = np.bincount(self.codes, minlength=self.classes)
        each = len(self) / ((counts > 0).sum() * np.maximum(counts, 1))
        return replace(self, weights=each[self.codes])


def labelled(catalog: Catalog, task: Task, split: str) -> Catalog:
    """The rows of a split that count and have a label.

    Raises
    ------
    UserError
        There is none.
    """
    part = catalog.part(split)
    part = part.only(part.frame[task.name].notna())
    if not len(part):
        raise UserError(f"no labelled row in {split}", f"target {task.name}", "give the split another share, or label more rows")
    return part


def gather(catalog: Catalog, task: Task, features: NDArray[np.float32]) -> Rows:
    """Rows of a catalog whose features were read.

    Raises
    ------
    UserError
        A feature is NaN or infinite.
    """
    broken = np.logical_not(np.isfinite(features).all(axis=1))
    if broken.any():
        first = catalog.frame["row"].to_numpy()[broken][0]
        raise UserError(
            f"features of {broken.sum():,} of {len(features):,} images are NaN or infinite",
            f"row {first} is the first",
            "set runtime.precision=fp32; if that does not help, the weights are broken: take others",
        )
    codes = task.target.encode(catalog.frame[task.name])
    return Rows(features, codes, np.ones(len(codes)), _components(catalog), len(task.target.classes))


def check_classes(catalog: Catalog, task: Task) -> None:
    """Every class has at least two components: one to learn it from, and one to see whether that worked.

    Raises
    ------
    UserError
        A class has none or one, or the rows are all of one class.
    """
    where = f"target {task.name}, train"
    codes, components = task.target.encode(catalog.frame[task.name]), _components(catalog)
    counts = [len(np.unique(components[codes == code])) for code in range(len(task.target.classes))]
    if sum(count > 0 for count in counts) < 2:
        raise UserError("the training rows are all of one class", where, "split anew, or add rows of the other classes")
    for name, count in zip(task.target.classes, counts, strict=True):
        if count < 2:
            held = "no component" if not count else "one component (a patient with all that belongs to it)"
            raise UserError(
                f"class {name!r} has {held} in train: it cannot be learnt from one part and tried on another",
                where,
                "merge it with a class like it (?merge=new:old|old), add patients, or use learner.kind=finetune",
            )


def _components(catalog: Catalog) -> NDArray[np.object_]:
    """The component of each row; a blank joins nothing."""
    frame = catalog.frame
    return np.asarray(frame["component"].where(frame["component"] != "", "row " + frame["row"]), dtype=object)
