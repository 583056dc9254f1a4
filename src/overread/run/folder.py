"""One run's folder: making it, going on with it, and reading it back."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from yaml import YAMLError

from overread.catalog import Catalog
from overread.errors import UserError
from overread.findings import Finding
from overread.findings import read as read_findings
from overread.recipe import Recipe, check, parse
from overread.run.differences import in_recipe
from overread.run.files import PARTS, write_json, write_text
from overread.run.lock import LOCK, alone
from overread.run.workspace import Workspace, complete

State = Literal["running", "done", "failed"]

RESUME = "overread train ... --resume"


@dataclass(frozen=True)
class Run:
    """One run folder; see `docs/architecture.md` for its layout."""

    folder: Path

    @classmethod
    @contextmanager
    def make(cls, folder: Path, recipe: Recipe | None = None) -> Iterator["Run"]:
        """Create a run folder for the length of a block: `running` inside, `done` after, `failed` if the block raises.

        A run that fails before its log begins leaves nothing behind: there is nothing in it to keep, and its name is free again.
        Without a recipe it is an evaluation's: predictions and figures, no model.

        Raises
        ------
        UserError
            The folder exists and holds something, or another process is at work in it.
        """
        new = not folder.exists()
        if not new and (not folder.is_dir() or _content(folder)):
            begun = (folder / "recipe.yaml").is_file() and (folder / "status.json").is_file()
            if begun:
                with alone(folder):  # says so where a process is at work in it: that one must not be deleted
                    pass
            mend = f"choose another --out, delete it, or go on with a training that was interrupted ({RESUME})"
            raise UserError("the output folder is not empty", str(folder), mend if begun else "choose another --out, or delete it")
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder)
        with alone(folder), run._at_work(recipe, new):
            yield run

    @classmethod
    @contextmanager
    def resume(cls, folder: Path, recipe: Recipe) -> Iterator["Run"]:
        """Go on with a run that was interrupted, as `make` does with a new one; where nothing was begun, this is `make`.

        Raises
        ------
        UserError
            The folder holds something else, its run is done, was told otherwise, or has a process at work in it.
        """
        if not folder.is_dir() or not _content(folder):
            with cls.make(folder, recipe) as run:
                yield run
            return
        run = cls(folder)
        run._told()
        with alone(folder):
            run._may_go_on(recipe)
            with run._at_work(recipe, new=False):
                yield run

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """A finished run.

        Raises
        ------
        UserError
            Not a run folder, or one that is still running or has failed.
        """
        run = cls(folder)
        state = run._told()
        if state != "done":
            raise UserError(f"the run is {state}, not done", str(folder), f"let it finish, or go on with it ({RESUME})")
        return run

    def _told(self) -> str:
        """What `status.json` says."""
        if not (self.folder / "status.json").is_file():
            raise UserError("not a run folder (it has no status.json)", str(self.folder), "name a folder that `overread train` wrote")
        return str(self.json("status.json", "state"))

    def _state(self, state: State, **more: Any) -> None:
        write_json(
            self.folder / "status.json",
            {"state": state, "time": datetime.now(UTC).isoformat(timespec="seconds"), "overread": version("overread"), **more},
        )

    @contextmanager
    def _at_work(self, recipe: Recipe | None, new: bool) -> Iterator[None]:
        try:
            self._state("running")
            if recipe:
                write_text(self.folder / "recipe.yaml", recipe.dump())
            yield
        except BaseException as fault:
            self._give_up(fault, new)
            raise
        self._state("done")
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def _may_go_on(self, recipe: Recipe) -> None:
        """Refuse what is no interrupted run of this recipe; clear away what a kill left half written."""
        if self._told() == "done":
            raise UserError("the run is done already", str(self.folder), "read its report.html, or choose another --out")
        if _content(self.folder) == {"status.json"}:
            return
        if not (self.folder / "recipe.yaml").exists():
            raise UserError("not a training (it has no recipe.yaml)", str(self.folder), "choose another --out")
        differs = in_recipe(self.recipe, recipe)
        if differs:
            raise UserError(
                f"the run was begun with another recipe ({'; '.join(differs)})",
                str(self.folder),
                f"resume it by its own ({self.folder / 'recipe.yaml'}), or choose another --out",
            )
        for part in self.folder.rglob(PARTS):
            part.unlink()
        journal = self.folder / "log.jsonl"
        if journal.exists():
            write_text(journal, "".join(complete(journal)))

    def _give_up(self, fault: BaseException, new: bool) -> None:
        """Remove what never began to learn (not a folder that stood there before), else say `failed`; on a full disk `running` stays."""
        if not (self.folder / "log.jsonl").exists() and not any(self.checkpoints.glob("*/*")):
            for entry in [self.folder] if new else [entry for entry in self.folder.iterdir() if entry.name != LOCK]:
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()
            return
        try:
            self._state("failed", error=_in_words(fault))
        except OSError:
            return

    @property
    def checkpoints(self) -> Path:
        """What going on needs, for as long as the run is not done."""
        return self.folder / "checkpoints"

    def workspace(self, **where: int) -> Workspace:
        """A learner's corner of the run, e.g. ``workspace(repeat=0, fold=3)``."""
        name = "-".join(f"{key}{value}" for key, value in where.items()) or "model"
        folder = self.checkpoints / name
        folder.mkdir(parents=True, exist_ok=True)
        return Workspace(folder, self.folder / "log.jsonl", where)

    @property
    def recipe(self) -> Recipe:
        with _read(self.folder / "recipe.yaml") as path:
            return check(parse(path.read_text(encoding="utf-8")), str(path))

    @property
    def catalog(self) -> Catalog:
        with _read(self.folder / "catalog.parquet") as path:
            return Catalog.load(path)

    @property
    def begun_with(self) -> Catalog:
        """The scanned catalog that a training keeps for as long as it is not done."""
        with _read(self.checkpoints / "catalog.parquet") as path:
            return Catalog.load(path)

    @property
    def predictions(self) -> pd.DataFrame:
        with _read(self.folder / "predictions.parquet") as path:
            return pd.read_parquet(path)

    @property
    def rejected(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "rejected.csv", dtype=str, keep_default_na=False)

    @property
    def metrics(self) -> Any:
        return self.json("metrics.json")

    @property
    def findings(self) -> list[Finding]:
        return read_findings(self.folder / "findings.json")

    @property
    def log(self) -> list[dict[str, Any]]:
        """The events; a last line that was cut short is none."""
        with _read(self.folder / "log.jsonl") as path:
            return [json.loads(line) for line in complete(path)]

    def json(self, name: str, *keys: str) -> Any:
        """The content of a JSON file, or what stands in it under some keys."""
        with _read(self.folder / name) as path:
            content = json.loads(path.read_text(encoding="utf-8"))
            for key in keys:
                content = content[key]
            return content

    def count_test_read(self) -> int:
        """Note that this run's test rows were scored once more; returns how often that has happened."""
        path = self.folder / "test_reads.json"
        times = [*(json.loads(path.read_text(encoding="utf-8")) if path.exists() else []), datetime.now(UTC).isoformat(timespec="seconds")]
        write_json(path, times)
        return len(times)


def _in_words(fault: BaseException) -> str:
    """A fault in a few words, without a file's name."""
    if isinstance(fault, UserError):
        return fault.what
    return (fault.strerror if isinstance(fault, OSError) else None) or type(fault).__name__


def _content(folder: Path) -> set[str]:
    """Names of what lies in a folder, but for the lock and half-written files of a process that was killed."""
    return {entry.name for entry in folder.iterdir() if entry.name != LOCK and not entry.match(PARTS)}


@contextmanager
def _read(path: Path) -> Iterator[Path]:
    """A file of a run that is gone, cut off or changed is for the user to mend."""
    try:
        yield path
    except FileNotFoundError:
        raise UserError(f"the run has no {path.name}", str(path), "copy the run folder again, all of it") from None
    except (ValueError, TypeError, KeyError, YAMLError, OSError) as fault:
        if getattr(fault, "errno", None):  # the system's; pyarrow also calls a damaged file an OSError
            raise
        raise UserError(f"{path.name} is damaged", str(path), "copy the run folder again, all of it") from None
