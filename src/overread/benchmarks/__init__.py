"""Several recipes on one split: what a benchmark's file may say, and those of the house, one YAML file each."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator
from yaml import YAMLError

from overread import recipe
from overread.errors import UserError, nearest
from overread.recipe import Recipe, Strict, parse


class Row(Strict):
    """One row of the table that a benchmark ends in.

    Attributes
    ----------
    recipe : a name of `overread list recipes`, or the path of a .yaml file
    name : what the row is called; the recipe's name if not given
    set : ``key=value`` settings
    """

    recipe: str
    name: Annotated[str, Field(pattern=r"^\w[\w.+-]*$")] = ""
    set: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        return self.name or Path(self.recipe).name.removesuffix(".yaml").removesuffix(".yml")


class Benchmark(Strict):
    """Rows, and settings for all of them."""

    rows: Annotated[tuple[Row, ...], Field(min_length=2)]
    set: tuple[str, ...] = ()

    @model_validator(mode="after")
    def apart(self) -> "Benchmark":
        names = [row.called for row in self.rows]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice or "comparison" in names:
            raise ValueError(f"two rows are called {twice!r}: give them names" if twice else "a row may not be called 'comparison'")
        return self


def names() -> dict[str, str]:
    """Name of every benchmark of the house to the comment that opens its file."""
    files = sorted((entry for entry in resources.files("overread.benchmarks").iterdir() if entry.name.endswith(".yaml")), key=lambda f: f.name)
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for file in files}


def load(name: str, settings: Iterable[str] = (), data: Iterable[str] = ()) -> dict[str, Recipe]:
    """Read a benchmark by its name in the house or its path, and resolve every row's recipe.

    Parameters
    ----------
    name : a name of `names`, or the path of a .yaml file
    settings : ``key=value`` for all rows, ``ROW:key=value`` for one; the last word has a row's own
    data : sources, the same for all

    Returns
    -------
    dict of str to Recipe
        What each row is called to its recipe, in the order of the file.

    Raises
    ------
    UserError
        No such benchmark, row or recipe, a file that is none, a setting that some row's recipe refuses, rows whose data would be split
        differently, or that would be scored by different units.
    """
    held = _read(name)
    rows = {row.called: row for row in held.rows}
    for_all, own = _sorted(settings, list(rows))
    sources = list(data)
    recipes = {called: _recipe(row, [*held.set, *row.set, *for_all, *own[called]], sources) for called, row in rows.items()}
    _check_split(recipes)
    _check_unit(recipes)
    return recipes


def _read(name: str) -> Benchmark:
    path = Path(name)
    if name in names():
        text = (resources.files("overread.benchmarks") / f"{name}.yaml").read_text(encoding="utf-8")
    elif path.suffix in {".yaml", ".yml"} and path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        raise UserError(f"no benchmark {name!r}", "BENCHMARK", f"{nearest(name, names())}, or the path of a .yaml file")
    try:
        return Benchmark.model_validate(parse(text) or {})
    except YAMLError as fault:
        raise UserError(f"not YAML: {' '.join(str(fault).split())}", name, "mend the file") from None
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        place, said = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise UserError(f"{place}: {said}" if place else said, name, "a benchmark is `rows: [{recipe: NAME}, ...]`") from None


def _sorted(settings: Iterable[str], rows: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Settings of all rows, and of each."""
    for_all: list[str] = []
    own: dict[str, list[str]] = {name: [] for name in rows}
    for setting in settings:
        row, colon, rest = setting.partition(":")
        if not colon or "=" in row:  # the colon is the value's
            for_all.append(setting)
        elif row in own:
            own[row].append(rest)
        else:
            raise UserError(f"no row {row!r}", f"--set {setting}", nearest(row, rows))
    return for_all, own


def _recipe(row: Row, settings: Sequence[str], data: Sequence[str]) -> Recipe:
    try:
        return recipe.load(row.recipe, settings, data)
    except UserError as fault:
        raise UserError(fault.what, f"row {row.called}, {fault.where}", fault.mend) from None


def _check_split(recipes: Mapping[str, Recipe]) -> None:
    """Refuse rows that would be learnt from, or scored on, other parts."""
    (name, first), *others = recipes.items()
    for other, told in others:
        one, two = (each.model_dump(include={"data", "split", "seed"}, exclude_defaults=True) for each in (first, told))
        apart = [
            f"{key}: {one.get(key, 'by default')} and {two.get(key, 'by default')}"
            for key in ("data", "split", "seed")
            if one.get(key) != two.get(key)
        ]
        if apart:
            raise UserError(
                f"the rows would be split differently ({'; '.join(apart)})", f"{name} and {other}", "set it for all rows, e.g. --set seed=0"
            )


def _check_unit(recipes: Mapping[str, Recipe]) -> None:
    """Refuse rows that count different units: hours of training would end in no table."""
    (name, first), *others = recipes.items()
    for other, told in others:
        if first.evaluation.unit != told.evaluation.unit:
            units = f"{first.evaluation.unit} and {told.evaluation.unit}"
            mend = f"set it for all rows, e.g. --set evaluation.unit={told.evaluation.unit}"
            raise UserError(f"the rows would be scored by different units ({units})", f"{name} and {other}", mend)
