"""How a model's raw answers on images become the judged cases that are counted, be they images, studies or patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from overread.catalog import Catalog
from overread.evaluation.decision import Decision
from overread.evaluation.pooling import Pool, check_pool
from overread.evaluation.units import Unit, gather, learn_exponents, pooled
from overread.experiment.answers.judge import fit_decisions, judge, kept
from overread.recipe import Evaluation
from overread.run import Run


@dataclass(frozen=True)
class Judged:
    """Judged predictions: of images and, where the unit is another, of units (see `units.parquet` in docs/architecture.md)."""

    images: pd.DataFrame
    units: pd.DataFrame | None = None

    @property
    def cases(self) -> pd.DataFrame:
        """What is counted."""
        return self.images if self.units is None else self.units

    def only(self, split: str) -> "Judged":
        """The rows of one split."""
        return Judged(self.images[self.images["split"] == split], None if self.units is None else self.units[self.units["split"] == split])

    def assign(self, **columns: Any) -> "Judged":
        """The same with columns added to both."""
        return Judged(self.images.assign(**columns), None if self.units is None else self.units.assign(**columns))

    def write(self, folder: Path) -> None:
        """`predictions.parquet` and, of units, `units.parquet`."""
        self.images.to_parquet(folder / "predictions.parquet", index=False)
        if self.units is not None:
            self.units.to_parquet(folder / "units.parquet", index=False)


def together(parts: Sequence[Judged]) -> Judged:
    """Several as one."""
    units = [part.units for part in parts if part.units is not None]
    return Judged(pd.concat([part.images for part in parts], ignore_index=True), pd.concat(units, ignore_index=True) if units else None)


@dataclass(frozen=True)
class Reading:
    """What makes judged cases of raw answers; all of it is fitted on validation rows.

    Attributes
    ----------
    images : what judges a single image
    unit, how, exponents : what is pooled and how; see `overread.evaluation.pooling.pool`
    units : what judges a unit; empty where the unit is the image
    """

    images: dict[str, Decision]
    unit: Unit = "image"
    how: Pool = "mean"
    exponents: Mapping[str, float] | None = None
    units: Mapping[str, Decision] | None = None

    @property
    def decisions(self) -> dict[str, Decision]:
        """What judges the cases that are counted."""
        return dict(self.units or self.images)

    def judge(self, predictions: pd.DataFrame, catalog: Catalog) -> Judged:
        """Judge raw answers on images, see `foresee`, and on the units that these make up."""
        images = judge(predictions, catalog.targets, self.images)
        if self.unit == "image":
            return Judged(images)
        units = pooled(gather(predictions, catalog.frame, self.unit), catalog.targets, self.how, self.exponents or {})
        return Judged(images, judge(units, catalog.targets, self.units or {}))

    def to_dict(self) -> dict[str, Any]:
        """As `model/unit.json` keeps it; the decisions on images stand in `model/decision.json`."""
        decisions = {name: decision.to_dict() for name, decision in (self.units or {}).items()}
        return {"unit": self.unit, "pool": self.how, "parameter": dict(self.exponents or {}) or None, "decisions": decisions}

    def refit(self, predictions: pd.DataFrame, catalog: Catalog, plan: Evaluation) -> "Reading":
        """The same pool with calibrations and thresholds fitted on other rows, whose split is val; other targets keep theirs."""
        images = {**self.images, **fit_decisions(predictions, catalog.targets, plan)}
        if self.unit == "image":
            return Reading(images)
        rows = predictions[predictions["split"] == "val"]
        units = pooled(gather(rows, catalog.frame, self.unit), catalog.targets, self.how, self.exponents or {})
        return Reading(images, self.unit, self.how, self.exponents, {**(self.units or {}), **fit_decisions(units, catalog.targets, plan)})


def fit_reading(predictions: pd.DataFrame, catalog: Catalog, plan: Evaluation) -> Reading:
    """Pool, calibration and threshold, from the rows whose split is val.

    Raises
    ------
    UserError
        The pool is not made for the main target.
    """
    if plan.unit == "image":
        return Reading({}).refit(predictions, catalog, plan)
    check_pool(plan.pool, catalog.targets)
    rows = predictions[predictions["split"] == "val"]
    exponents = learn_exponents(gather(rows, catalog.frame, plan.unit), catalog.targets, plan.calibrate) if plan.pool == "learned" else None
    return Reading({}, plan.unit, plan.pool, exponents).refit(predictions, catalog, plan)


def kept_reading(run: Run) -> Reading:
    """That of a finished run."""
    images = kept(run)
    if not (run.folder / "model" / "unit.json").is_file():
        return Reading(images)
    told = run.json("model/unit.json")
    decisions = {name: Decision.from_dict(entry) for name, entry in told["decisions"].items()}
    return Reading(images, told["unit"], told["pool"], told["parameter"], decisions)
