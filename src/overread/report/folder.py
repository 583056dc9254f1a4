"""What lies in a folder that a run, or an evaluation, wrote; None or nothing where a file is not there."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from overread.catalog import Catalog
from overread.errors import UserError
from overread.findings import Finding
from overread.run import Run


@dataclass(frozen=True)
class Folder:
    """The files of one folder, read when asked for.

    The run may still be `running`: its report is the last thing it writes.
    """

    path: Path

    def json(self, name: str, absent: Any = None) -> Any:
        """The content of one JSON file, `absent` where there is none."""
        file = self.path / name
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else absent

    def has(self, name: str) -> bool:
        return (self.path / name).is_file()

    def model(self, name: str = "model.json", absent: Any = None) -> Any:
        """The content of one JSON file of the model: this folder's, or, of an evaluation that lies in a run, the run's."""
        held = self.path / "model"
        return Folder(self.path.resolve().parents[1] / "model" if self.inside and not held.is_dir() else held).json(name, absent)

    @cached_property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Split to target to what was measured.

        Raises
        ------
        UserError
            Nothing was measured here.
        """
        if not self.json("metrics.json"):
            raise UserError(
                "nothing was measured here (no metrics.json, or an empty one)",
                str(self.path),
                "name a folder that a finished run or evaluation wrote",
            )
        return dict(self.json("metrics.json"))

    @cached_property
    def recipe_text(self) -> str:
        return (self.path / "recipe.yaml").read_text(encoding="utf-8") if self.has("recipe.yaml") else ""

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The recipe as plain data: a report must not need the learner's schema."""
        return yaml.safe_load(self.recipe_text) or {}

    @cached_property
    def catalog(self) -> Catalog | None:
        return Run(self.path).catalog if self.has("catalog.parquet") else None

    @cached_property
    def rejected(self) -> pd.DataFrame | None:
        return Run(self.path).rejected if self.has("rejected.csv") else None

    @cached_property
    def findings(self) -> list[Finding] | None:
        return Run(self.path).findings if self.has("findings.json") else None

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        return Run(self.path).log

    @property
    def inside(self) -> bool:
        """Whether this is an evaluation that lies in a run's folder."""
        place = self.path.resolve().parent
        return place.name == "external" and (place.parent / "status.json").is_file()

    @property
    def name(self) -> str:
        """What the page is called: the folder, below its run if it lies in one."""
        own = self.path.resolve()
        return f"{own.parents[1].name} on {own.name}" if self.inside else own.name

    @cached_property
    def external(self) -> dict[str, "Folder"]:
        """The finished evaluations on other data that lie in this run, by their folder's name."""
        place = self.path / "external"
        found = sorted(place.iterdir()) if place.is_dir() else []
        return {folder.name: Folder(folder) for folder in found if _finished(Folder(folder))}


def _finished(folder: Folder) -> bool:
    """Whether what was measured here was measured to the end."""
    return folder.has("metrics.json") and folder.json("status.json", {}).get("state") == "done"
