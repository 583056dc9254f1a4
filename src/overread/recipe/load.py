"""From a name or a file and ``--set`` to a checked recipe."""

from collections.abc import Iterable, Mapping
from functools import reduce
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from overread.errors import UserError, nearest
from overread.recipe.schema import Recipe
from overread.recipe.text import parse
from overread.registry import LEARNERS


def names() -> dict[str, str]:
    """Name of every recipe of the house to the comment that opens its file."""
    files = sorted((entry for entry in resources.files("overread.recipes").iterdir() if entry.name.endswith(".yaml")), key=lambda f: f.name)
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for file in files}


def load(name: str, settings: Iterable[str] = (), data: Iterable[str] = ()) -> Recipe:
    """Read a recipe by its name in the house or its path, apply ``key.sub=value`` settings, and check all of it.

    Raises
    ------
    UserError
        No such recipe, an unknown key (the near one is named), or a value its schema refuses.
    """
    path = Path(name)
    if name in names():
        text = (resources.files("overread.recipes") / f"{name}.yaml").read_text(encoding="utf-8")
    elif path.suffix in {".yaml", ".yml"} and path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        raise UserError(f"no recipe {name!r}", "RECIPE", f"{nearest(name, names())}, or the path of a .yaml file")
    try:
        tree = parse(text) or {}
    except yaml.YAMLError as fault:
        raise UserError(f"not YAML: {' '.join(str(fault).split())}", name, "mend the file") from None
    if not isinstance(tree, dict):
        raise UserError("a recipe is a mapping of keys", name, "start with e.g. `learner: {kind: finetune}`")
    tree = reduce(_set, settings, tree)
    sources = list(data)
    return check({**tree, "data": sources} if sources else tree, name)


def check(tree: Mapping[str, Any], where: str) -> Recipe:
    """The recipe of a mapping, with the learner's part checked by the learner's own schema and its defaults filled in."""
    try:
        recipe = Recipe.model_validate(tree)
    except ValidationError as fault:
        raise _refusal(fault, Recipe, where) from None
    if not recipe.learner:
        return recipe
    schema = LEARNERS.get(str(recipe.learner.get("kind", "finetune"))).Options
    try:
        chosen = schema.model_validate(recipe.learner)
    except ValidationError as fault:
        raise _refusal(fault, schema, where, "learner.") from None
    return recipe.model_copy(update={"learner": chosen.model_dump(mode="json", exclude_none=True)})


def _set(tree: dict[str, Any], setting: str) -> dict[str, Any]:
    """The tree with one ``key.sub=value`` applied; the value is read as YAML."""
    key, equals, value = setting.partition("=")
    if not equals or not key.strip():
        raise UserError(f"{setting!r} is not key=value", "--set", "write e.g. --set image.size=320")
    head, _, rest = key.strip().partition(".")
    if rest:
        below = tree.get(head)
        return {**tree, head: _set(below if isinstance(below, dict) else {}, f"{rest}={value}")}
    try:
        return {**tree, head: parse(value)}
    except yaml.YAMLError:
        raise UserError(f"{value!r} is not a value", f"--set {key}", "quote it") from None


def _refusal(fault: ValidationError, schema: type[BaseModel], where: str, prefix: str = "") -> UserError:
    """The first thing a schema refused, as one line."""
    errors = fault.errors(include_url=False)
    first = next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])
    steps = list(first["loc"])
    key = (prefix + ".".join(str(step) for step in steps)).rstrip(".")
    if first["type"] == "extra_forbidden":
        return UserError(f"unknown key {key!r}", where, nearest(str(steps[-1]), _siblings(schema, steps)))
    words = first["msg"].removeprefix("Value error, ")
    got = "" if isinstance(first["input"], dict) else f", got {first['input']!r}"  # of several keys together the words say what is wrong
    return UserError(f"{key}: {words}{got}" if key else words, where, "mend that value")


def _siblings(schema: Any, steps: list[Any]) -> list[str]:
    """The keys that stand beside the last of `steps`."""
    for step in steps[:-1]:
        schema = _inside(schema, step)
    return sorted(getattr(schema, "model_fields", {}))


def _inside(schema: Any, step: Any) -> Any:
    """The model that lies under one step of a validation error's path."""
    if isinstance(step, int) or not hasattr(schema, "model_fields"):
        return schema
    if step not in schema.model_fields:
        return schema
    kinds = [schema.model_fields[step].annotation]
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        kinds += getattr(kind, "__args__", ())
    return schema
