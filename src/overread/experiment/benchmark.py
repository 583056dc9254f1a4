"""Benchmark: several recipes on the same data, split and seeds, one after the other, ending in one table."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from overread.errors import UserError
from overread.experiment.compare import compare
from overread.experiment.output import check_folder
from overread.experiment.result import Result
from overread.experiment.train import train
from overread.progress import note
from overread.recipe import Recipe
from overread.run import Run, write_json
from overread.run.differences import in_recipe


def benchmark(recipes: Mapping[str, Recipe], out: Path, resume: bool = False, metrics: Sequence[str] = ()) -> Result:
    """Train every row into ``out/<row>/`` and compare those that are done into ``out/comparison/``.

    Parameters
    ----------
    recipes : what each row is called to its recipe, see `overread.benchmarks.load`
    out : the folder to make
    resume : keep rows that are done, go on with one that was interrupted, and try again those that could not be run
    metrics : figures that the table shows beside the usual ones

    Returns
    -------
    Result
        That of the comparison. A row that cannot be run (weights that are not to be had, an extra that is not installed) is in it, with the
        reason.

    Raises
    ------
    UserError
        Fewer than two rows could be run, a finished row is of another recipe, or a row's data were split in another way.
    """
    if not resume:
        check_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    done: dict[str, Path] = {}
    refused: dict[str, str] = {}
    for number, (name, recipe) in enumerate(recipes.items(), 1):
        note(f"{name}: row {number} of {len(recipes)}")
        why = _run(recipe, out / name, resume)
        if why:
            note(f"{name} is not run: {why}")
            refused[name] = why
        else:
            done[name] = out / name
            check_division(done)
        write_json(out / "benchmark.json", {"done": list(done), "not_run": refused})
    if len(done) < 2:
        reasons = "; ".join(f"{', '.join(name for name in refused if refused[name] == why)}: {why}" for why in dict.fromkeys(refused.values()))
        told = f"{len(done)} of {len(recipes)} rows could be run, and a comparison needs two ({reasons})"
        raise UserError(told, str(out), "mend that, then go on with --resume")
    place = out / "comparison"
    if place.exists():
        shutil.rmtree(place)
    return compare(list(done.values()), place, metrics, refused)


def check_division(done: Mapping[str, Path]) -> None:
    """Refuse a table that would not be fair: the last row's images went to other parts than the first one's, or have other labels.

    Parameters
    ----------
    done : what each finished row is called to its folder; their models may answer different questions of the same data

    Raises
    ------
    UserError
        They were split in another way.
    """
    (first, where), (name, place) = next(iter(done.items())), list(done.items())[-1]
    asked = list(dict.fromkeys(target for folder in (where, place) for target in Run(folder).catalog.targets))
    if not _division(where, asked).equals(_division(place, asked)):
        raise UserError(f"{name} was split in another way than {first}", str(place), "delete the rows' folders and run them again on the same files")


def _run(recipe: Recipe, folder: Path, resume: bool) -> str:
    """Train a row, unless that was done before; returns why it cannot be, blank where it could."""
    if resume and (folder / "status.json").is_file() and Run(folder).json("status.json", "state") == "done":
        _check_recipe(Run.open(folder), recipe)
        note(f"{folder.name}: done before")
        return ""
    try:
        train(recipe, folder, resume)
    except UserError as fault:
        return str(fault)
    return ""


def _check_recipe(run: Run, recipe: Recipe) -> None:
    """A finished row is kept if it is of the recipe that is asked for."""
    differs = in_recipe(run.recipe, recipe)
    if differs or run.recipe.data != recipe.data:
        told = "; ".join(differs) or f"data: {', '.join(recipe.data)} was {', '.join(run.recipe.data)}"
        raise UserError(f"the row was run by another recipe ({told})", str(run.folder), "ask for the same, delete the row, or choose another --out")


def _division(folder: Path, asked: Sequence[str]) -> pd.DataFrame:
    """What every row is (content, labels) and the part it went to; with folds, the fold it was scored in.

    `asked` are the questions of both rows' models: one that a model does not answer is a label of its catalog all the same.
    """
    run = Run(folder)
    catalog, predictions = run.catalog, run.predictions
    told = catalog.frame[["row", "bytes_sha", "component", "split", *(label for label in asked if label in catalog.frame)]]
    keys = ["row", *(key for key in ("repeat", "fold") if key in predictions)]
    scored = predictions.loc[predictions["split"] == "test", keys]
    return told.merge(scored, on="row", how="left").sort_values(keys, ignore_index=True)
