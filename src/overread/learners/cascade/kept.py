"""A finished member of a cascade, kept in the workspace and known again: by its rows, options, seed and the bytes of its files."""

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from overread.catalog import Catalog
from overread.errors import UserError
from overread.learners.base import Learner, Model
from overread.progress import note
from overread.recipe import Recipe
from overread.registry import LEARNERS
from overread.run import Workspace, sha256, write_json

MODEL, FINISHED = "model", "finished.json"

LAYOUT = 1
"""Part of every member's identity; raise it when what a member learns from changes its meaning."""


def train(catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int, begun: str = "") -> Path:
    """The folder of a member's model, trained unless it has been.

    A kill at any moment leaves either a member that is taken as finished, whole and of these very rows and options, or one that is trained
    again from its own checkpoint: `finished.json` is written last and holds the hash of every file.

    Parameters
    ----------
    catalog : asking the member's one question, of its rows alone
    recipe : with the member's learner
    workspace : the member's own corner
    begun : what else its weights come from: the hash of the network that it goes on from

    Raises
    ------
    UserError
        What the learner raises, `where` beginning with the member's name.
    """
    folder, finished = workspace.folder / MODEL, workspace.folder / FINISHED
    name, of = workspace.where["part"], _identity(catalog, recipe, seed, begun)
    if _is_whole(folder, finished, of):
        note(f"{name}: trained before")
        return folder
    workspace.folder.mkdir(parents=True, exist_ok=True)
    learner: Learner = LEARNERS.get(recipe.learner["kind"])
    note(f"{name}: {len(catalog.part('train')):,} images of train, {len(catalog.part('val')):,} of val")
    try:
        model: Model = learner.fit(catalog, recipe, workspace, seed)
    except UserError as fault:
        raise UserError(fault.what, f"{name}: {fault.where}", fault.mend) from None
    finished.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    model.save(folder)
    write_json(finished, {"of": of, "files": _hashes(folder)})
    return folder


def fingerprint(folder: Path) -> str:
    """SHA-256 of a member's model, from its folder."""
    return hashlib.sha256(json.dumps(_hashes(folder)).encode()).hexdigest()


def _is_whole(folder: Path, finished: Path, of: str) -> bool:
    """Whether a finished member lies there that is the one asked for, every byte of it."""
    try:
        told = json.loads(finished.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(told.get("of") == of and told.get("files") == _hashes(folder))


def _hashes(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def _identity(catalog: Catalog, recipe: Recipe, seed: int, begun: str) -> str:
    """SHA-256 of what makes a member the one it is; another folder for the network that it goes on from is no difference."""
    [(name, target)] = catalog.targets.items()
    rows = catalog.part("train", "val").frame[["row", "bytes_sha", "split", "component", name]].dropna()
    learner = {key: value for key, value in recipe.learner.items() if not (key == "start" and begun)}
    plan = [part.model_dump(mode="json") for part in (recipe.image, recipe.backbone)]
    told = [LAYOUT, learner, plan, recipe.runtime.precision, asdict(target), seed, begun, rows.to_numpy().tolist()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
