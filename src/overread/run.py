"""The run folder: everything a run knew and made, complete and portable."""

import hashlib
import json
import os
import platform
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

State = Literal["running", "done", "failed"]


def write_json(path: Path, content: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half of either."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write text atomically: a temporary file beside it, then one rename."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True)
class Workspace:
    """What a learner may write to: a folder of its own and the run's log.

    `where` is merged into every line of the log, e.g. ``{"fold": 3}``.
    """

    folder: Path
    journal: Path
    where: dict[str, Any]

    def log(self, **event: Any) -> None:
        """Append one event to `log.jsonl`."""
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), **self.where, **event}, ensure_ascii=False)
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


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
            The folder exists and holds something.
        """
        new = not folder.exists()
        if not new and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError("the output folder is not empty", str(folder), "choose another --out, or delete it")
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder)
        try:
            run._state("running")
            if recipe:
                write_text(folder / "recipe.yaml", recipe.dump())
            yield run
        except BaseException as fault:
            run._give_up(fault, new)
            raise
        run._state("done")

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """A finished run.

        Raises
        ------
        UserError
            Not a run folder, or one that is still running or has failed.
        """
        if not (folder / "status.json").is_file():
            raise UserError("not a run folder (it has no status.json)", str(folder), "name a folder that `overread train` wrote")
        with _whole(folder / "status.json") as path:
            state = json.loads(path.read_text(encoding="utf-8"))["state"]
        if state != "done":
            raise UserError(f"the run is {state}, not done", str(folder), "let it finish, or train it again into a new folder")
        return cls(folder)

    def _state(self, state: State, **more: Any) -> None:
        write_json(
            self.folder / "status.json",
            {"state": state, "time": datetime.now(UTC).isoformat(timespec="seconds"), "overread": version("overread"), **more},
        )

    def _give_up(self, fault: BaseException, new: bool) -> None:
        """Remove what never began to learn (not a folder that stood there before), else say `failed`; on a full disk `running` stays."""
        if not (self.folder / "log.jsonl").exists():
            for entry in [self.folder] if new else list(self.folder.iterdir()):
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()
            return
        try:
            self._state("failed", error=fault.what if isinstance(fault, UserError) else type(fault).__name__)
        except OSError:
            return

    def workspace(self, **where: Any) -> Workspace:
        """A learner's corner of the run, e.g. ``workspace(repeat=0, fold=3)``."""
        name = "-".join(f"{key}{value}" for key, value in where.items()) or "model"
        folder = self.folder / "checkpoints" / name
        folder.mkdir(parents=True, exist_ok=True)
        return Workspace(folder, self.folder / "log.jsonl", where)

    @property
    def recipe(self) -> Recipe:
        with _whole(self.folder / "recipe.yaml") as path:
            return check(parse(path.read_text(encoding="utf-8")), str(path))

    @property
    def catalog(self) -> Catalog:
        with _whole(self.folder / "catalog.parquet") as path:
            return Catalog.load(path)

    @property
    def predictions(self) -> pd.DataFrame:
        with _whole(self.folder / "predictions.parquet") as path:
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
        path = self.folder / "log.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def json(self, name: str) -> Any:
        with _whole(self.folder / name) as path:
            return json.loads(path.read_text(encoding="utf-8"))

    def count_test_read(self) -> int:
        """Note that this run's test rows were scored once more; returns how often that has happened."""
        path = self.folder / "test_reads.json"
        times = [*(json.loads(path.read_text(encoding="utf-8")) if path.exists() else []), datetime.now(UTC).isoformat(timespec="seconds")]
        write_json(path, times)
        return len(times)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file of a run that is gone, cut off or changed is for the user to mend."""
    try:
        yield path
    except FileNotFoundError:
        raise UserError(f"the run has no {path.name}", str(path), "copy the run folder again, all of it") from None
    except (ValueError, TypeError, KeyError, YAMLError):
        raise UserError(f"{path.name} is damaged", str(path), "copy the run folder again, all of it") from None


PACKAGES = ("overread", "torch", "torchvision", "timm", "numpy", "pandas", "scikit-learn", "pillow", "opencv-python-headless")


def environment(seed: int, device: str, threads: int, hashes: dict[str, str]) -> dict[str, Any]:
    """What `environment.json` says: versions, hardware, seed, hashes of weights and data."""
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "hardware": {
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "threads": threads,
            "device": device,
        },
        "seed": seed,
        "hashes": hashes,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        return next((line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")), platform.processor())
    return platform.processor()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
