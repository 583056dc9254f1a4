"""What makes runs comparable: the same question asked of the same rows; whatever else differs is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from overread.catalog import Target
from overread.errors import UserError
from overread.evaluation.comparison.differences import Scored
from overread.evaluation.comparison.subgroups import levels
from overread.evaluation.evaluate import as_cases
from overread.findings import Finding, Severity
from overread.report.show import listed, plural
from overread.run import Run

PARTS = ("test", "external")
"""Parts of a run's predictions that models may be compared on, the first that is there."""


@dataclass(frozen=True)
class Entrant:
    """One finished run, or one evaluation of a model, as it enters a comparison.

    Attributes
    ----------
    name : what its row is called
    targets : the questions that its model answers
    rows : its judged predictions of the scored part, of units where it has them, with `bytes_sha` (of a unit's first image) and `component`,
        sorted by row and repeat
    part : test or external
    unit : image, study or patient
    """

    name: str
    run: Run
    targets: dict[str, Target]
    rows: pd.DataFrame
    part: str
    unit: str

    @classmethod
    def open(cls, folder: Path, name: str) -> "Entrant":
        """Read a finished folder.

        Raises
        ------
        UserError
            It is no finished run, or nothing was scored in it.
        """
        run = Run.open(folder)
        mend = "name a run that was trained, an evaluation in RUN/external/, or what `overread evaluate --predictions` wrote"
        if not all((folder / file).is_file() for file in ("predictions.parquet", "metrics.json", "catalog.parquet")):
            raise UserError("nothing was scored here", str(folder), mend)
        units, catalog = folder / "units.parquet", run.catalog
        predictions = pd.read_parquet(units) if units.is_file() else run.predictions
        part = next((part for part in PARTS if (predictions["split"] == part).any()), None)
        if part is None:
            raise UserError("no test row was scored here", str(folder), mend)
        told = catalog.frame[["row", "bytes_sha", "component"]]
        rows = predictions[predictions["split"] == part].merge(told, on="row", validate="many_to_one")
        rows = rows.assign(repeat=rows.get("repeat", 0)).sort_values(["row", "repeat"], kind="stable", ignore_index=True)
        unit = next(iter(run.json("metrics.json", part).values())).get("unit", "image") if units.is_file() else "image"
        return cls(name, run, catalog.targets, rows, part, unit)

    @cached_property
    def once(self) -> pd.DataFrame:
        """Each row once, indexed by its name."""
        return self.rows.drop_duplicates("row").set_index("row")

    @cached_property
    def covariates(self) -> pd.DataFrame:
        """The declared columns of each row once, indexed by its name; a question may be one of them."""
        catalog = self.run.catalog
        return catalog.frame.set_index("row").loc[self.once.index, list(dict.fromkeys(catalog.covariates))]

    @property
    def entries(self) -> Mapping[str, Any]:
        """Target to what `metrics.json` says of the scored part."""
        entries: dict[str, Any] = self.run.json("metrics.json", self.part)
        return entries

    @property
    def leaks(self) -> list[Finding]:
        """What its own second reading calls a leak."""
        found = self.run.findings if (self.run.folder / "findings.json").is_file() else []
        return [finding for finding in found if finding.severity is Severity.LEAK and finding.passed is False]

    def told(self, file: str) -> dict[str, Any]:
        """A JSON file of the run, or of the run that an evaluation lies in; nothing where there is none."""
        place = self.run.folder.resolve().parent
        runs = [self.run, Run(place.parent)] if place.name == "external" else [self.run]
        holder = next((run for run in runs if (run.folder / file).is_file()), None)
        content: dict[str, Any] = holder.json(file) if holder else {}
        return content


def shared(entrants: Sequence[Entrant]) -> dict[str, Target]:
    """The targets that all models answer, in the order of the first.

    Raises
    ------
    UserError
        There is none, or one of them has other classes in another run.
    """
    first = entrants[0]
    common = {name: target for name, target in first.targets.items() if all(name in each.targets for each in entrants)}
    for other in entrants[1:]:
        if not common or any(other.targets[name] != target for name, target in common.items()):
            asked = " and ".join("; ".join(f"{name}: {', '.join(t.classes)}" for name, t in each.targets.items()) for each in (first, other))
            where = f"{first.name} and {other.name}"
            raise UserError(f"the models answer different questions ({asked})", where, "compare models of one target with the same classes")
    return common


def left_out(entrants: Sequence[Entrant]) -> dict[str, list[str]]:
    """Targets that not every model answers, to the models that do."""
    common = shared(entrants)
    names = dict.fromkeys(name for entrant in entrants for name in entrant.targets if name not in common)
    return {name: [entrant.name for entrant in entrants if name in entrant.targets] for name in names}


def check_alike(entrants: Sequence[Entrant]) -> None:
    """Refuse runs that were asked different questions, that count different units, or that were scored on other rows.

    Raises
    ------
    UserError
        See `shared`; another unit; a row that only one has, that is another image or as a unit has other images, or that has another truth:
        it is named.
    """
    first, targets = entrants[0], shared(entrants)
    for other in entrants[1:]:
        where = f"{first.name} and {other.name}"
        if first.unit != other.unit:
            told = f"one counts {plural(first.unit)}, the other {plural(other.unit)}"
            raise UserError(f"the runs' units differ: {told}", where, "score both by one unit (evaluation.unit)")
        mend = "score both on the same rows: one split (`split.extend`, a benchmark) or `overread evaluate` on the same data"
        for here, there in ((first, other), (other, first)):
            alone = here.once.index.difference(there.once.index)
            if len(alone):
                raise UserError(f"the test rows differ: {len(alone):,} are only in {here.name} (e.g. row {alone[0]})", where, mend)
        ours, theirs = first.once, other.once.loc[first.once.index]
        known = (ours["bytes_sha"] != "") & (theirs["bytes_sha"] != "")
        _refuse(ours.index[known & (ours["bytes_sha"] != theirs["bytes_sha"])], "is another image", "are other images", where, mend)
        if "images" in ours and "images" in theirs:
            _refuse(ours.index[ours["images"] != theirs["images"]], "has other images", "have other images", where, mend)
        for name in targets:
            one, two = (rows[f"truth:{name}"].astype("str").fillna("") for rows in (ours, theirs))
            _refuse(ours.index[one != two], f"has another truth of {name}", f"have another truth of {name}", where, mend)


def _refuse(rows: pd.Index, one: str, several: str, where: str, mend: str) -> None:
    if len(rows):
        words = f"{len(rows):,} row{'s' * (len(rows) > 1)} {one if len(rows) == 1 else several} ({'e.g. ' * (len(rows) > 1)}row {rows[0]})"
        raise UserError(f"the test rows differ: {words}", where, mend)


def scored(entrants: Sequence[Entrant], name: str) -> dict[str, Scored]:
    """Every model's predictions of one target, on the rows whose truth is known."""
    target = entrants[0].targets[name]
    component = joined([entrant.once["component"] for entrant in entrants])
    found = {}
    for entrant in entrants:
        rows = entrant.rows[target.encode(entrant.rows[f"truth:{name}"]) >= 0]
        _, code = np.unique(component.loc[rows["row"]].to_numpy(), return_inverse=True)
        found[entrant.name] = Scored(as_cases(rows, name, target), rows["row"].to_numpy(), code)
    return found


def common_covariates(entrants: Sequence[Entrant]) -> dict[str, pd.Series]:
    """Covariates that all runs declare and give the same values, told by their levels: (n,) str, indexed by row; of a unit its first image's."""
    first = entrants[0]
    found = {}
    for name in first.covariates:
        alike = all(
            name in each.covariates and each.covariates[name].loc[first.once.index].astype("str").equals(first.covariates[name].astype("str"))
            for each in entrants[1:]
        )
        told = levels(first.covariates[name]) if alike else None
        if told is not None:
            found[str(name)] = told
    return found


def joined(components: Sequence[pd.Series]) -> pd.Series:
    """(n,) int: what is together in any run is together, as near-copies that only one of them sought; indexed by row."""
    rows = components[0].index
    codes = [pd.factorize(component.loc[rows])[0] for component in components]
    sizes = np.cumsum([0, *(code.max() + 1 for code in codes)])
    here = np.concatenate([code + size for code, size in zip(codes[1:], sizes[1:], strict=False)] or [codes[0]])
    first = np.tile(codes[0], max(1, len(codes) - 1))
    graph = coo_array((np.ones(len(first), dtype=bool), (first, here)), shape=(sizes[-1], sizes[-1]))
    return pd.Series(connected_components(graph, directed=False)[1][codes[0]], index=rows)


def remarks(entrants: Sequence[Entrant]) -> list[str]:
    """What a reader of the comparison must know of how alike the runs are."""
    first, said = entrants[0], []
    for name, those in left_out(entrants).items():
        said.append(f"{name} is left out: of {len(entrants)} models only {listed(those)} answer{'s' * (len(those) == 1)} it.")
    folds = [entrant.rows["fold"].to_numpy() if "fold" in entrant.rows else None for entrant in entrants]
    if any(fold is not None for fold in folds):
        said.append(
            "Cross-validated: the figures pool all folds, each row scored by a model that had not seen it; the rows are what must be the same, "
            + ("and here the folds are, too." if all(np.array_equal(folds[0], fold) for fold in folds[1:]) else "the folds here are not.")  # type: ignore[arg-type]
        )
    if any((entrant.once["bytes_sha"] == "").any() for entrant in entrants):
        said.append("Rows were matched by name and truth alone: not every run knows the content of its images.")
    if any(len(np.unique(joined([first.once["component"], each.once["component"]]))) < each.once["component"].nunique() for each in entrants):
        said.append("The runs joined rows to components differently; what is together in any of them is together here.")
    machines = {tuple(sorted(_machine(entrant).items())) for entrant in entrants if entrant.told("costs.json")}
    if len(machines) > 1:
        said.append("The costs were measured on different machines, or with different numbers of threads.")
    return said


def _machine(entrant: Entrant) -> dict[str, str]:
    hardware = entrant.told("environment.json").get("hardware", {})
    return {key: str(hardware.get(key)) for key in ("processor", "device", "threads")}
