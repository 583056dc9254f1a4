"""The pages name what is there: verbs, options, sources, recipe keys, links; and nothing of the machine they were written on."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import overread
from overread import benchmarks, recipe
from overread.cli import app as cli
from overread.cli.members import Room
from overread.datasets.base import check_options
from overread.datasets.source import parse
from overread.errors import UserError
from overread.experiment.theirs import Options as Predictions
from overread.registry import BACKBONES, CHECKS, DATASETS, LEARNERS

ROOT = Path(__file__).parents[2]

FILES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *sorted((ROOT / "docs").glob("*.md"))]

PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in FILES}

VERBS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]

UsageError = typer.BadParameter.__base__

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

CALL = re.compile(r"^\s*(?:\S*[/\\])?overread ([a-z].*)$", re.MULTILINE)


def fences(text: str, language: str) -> list[str]:
    """The blocks of one language."""
    return [body for named, body in FENCE.findall(text) if named == language]


def commands(text: str) -> list[list[str]]:
    """Arguments of every call of `overread` in a shell block or an indented one."""
    indented = [line for line in FENCE.sub("", text).splitlines() if line.startswith("    ")]
    calls = CALL.findall("\n".join([*fences(text, "sh"), *indented]))
    return [shlex.split(call.replace("\\", "/"), comments=True) for call in calls]


COMMANDS = [pytest.param(words, id=f"{name}: {shlex.join(words)[:60]}") for name, text in PAGES.items() for words in commands(text)]


def test_the_pages_show_commands():
    assert {words.values[0][0] for words in COMMANDS} >= {"train", "evaluate", "split", "list"}


def understand(words: list[str]) -> None:
    """Take a command line apart as the command line would, down to sources and settings; nothing runs."""
    verb, *arguments = words
    given = VERBS[verb].make_context(verb, arguments).params
    for text in [*(given.get("data") or []), *filter(None, [given.get("source")])]:
        source = parse(text)
        check_options(DATASETS.get(source.reader).Options, source)
    if given.get("predictions"):
        check_options(Predictions, parse(f"table:{given['predictions']}"))
    if "settings" in given:
        name = given.get("recipe", "default")
        recipe.load("default" if name.endswith(".yaml") else name, given["settings"] or [])
    if verb == "benchmark" and not given["benchmark"].endswith(".yaml"):
        benchmarks.load(given["benchmark"], given["changes"] or [])
    if verb == "list":
        Room(given["room"])


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_that_is_shown_would_be_understood(words):
    understand(words)


@pytest.mark.parametrize(
    "line",
    [
        "trian default --data folder:x",
        "train default --dta folder:x",
        "train defaults --data folder:x",
        "train default --data foldr:x",
        "train default --data folder:x?lable=y",
        "train default --data folder:x --set image.sise=3",
        "evaluate --predictions p.csv?skore=p",
        "list kittens",
        "benchmark bone-tumour --data folder:x",
        "benchmark bone-tumor --data folder:x --set kittens:seed=1",
    ],
)
def test_a_wrong_command_would_be_noticed(line):
    with pytest.raises((KeyError, ValueError, UserError, UsageError)):
        understand(shlex.split(line))


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES.keys())
def test_verbs_readers_and_functions_that_are_named_exist(text):
    assert set(re.findall(r"`overread ([a-z-]+)", text)) <= set(VERBS)
    assert set(re.findall(r"[`\"](\w+):[\w$.{/-]+[?/.]", text)) - {"http", "https"} <= {*DATASETS.names(), "new"}
    for block in fences(text, "python"):
        compile(block, "a block of Python", "exec")
        for name in re.findall(r"\boverread\.(\w+)\(", block):
            assert callable(getattr(overread, name))


def test_readme_names_every_verb_the_test_command_and_the_disclaimer():
    text = PAGES["README.md"]
    assert set(re.findall(r"^\| `overread ([a-z]+)", text, re.MULTILINE)) == set(VERBS)
    assert "make demo" in text.split("\n\n")[1]
    assert "overread train" in text.split("\n\n")[1]
    assert "`make test`" in text
    assert cli.DISCLAIMER.rstrip(".") in text
    if (ROOT / ".ci" / "run").exists():
        assert (ROOT / ".ci" / "run").read_text().strip().endswith("make test")


def test_recipes_names_every_recipe_and_data_layouts_every_reader_and_option():
    recipes = PAGES["docs/recipes.md"].partition("## Every key")[0]
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", recipes, re.MULTILINE)) == set(recipe.names())
    layouts = PAGES["docs/data-layouts.md"]
    for name in DATASETS.names():
        assert f"\n## {name}\n" in layouts
        for option in DATASETS.get(name).Options.model_fields:
            assert re.search(rf"\b{option}=|`{option}`", layouts), f"{name}: {option}"
    for option in Predictions.model_fields:
        assert re.search(rf"\b{option}=|`{option}`", layouts), f"predictions: {option}"


def test_auditing_data_names_every_check():
    asked = PAGES["docs/audit.md"].partition("## What is asked")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z-]+)`(?=[^|\n]*\|)", asked)) == set(CHECKS.names())


def keys(schema: type[BaseModel], before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of a schema, those of a list's entries after [] unless they are of that schema again; the learner's are finetune's."""
    for name, field in schema.model_fields.items():
        if before + name == "learner":
            yield from keys(LEARNERS.get("finetune").Options, "learner.")
            continue
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, f"{before}{name}.")
            continue
        yield before + name, field
        several = "[]" if get_origin(field.annotation) is tuple else ""
        for inner in (each for each in models(field.annotation) if each is not schema):
            yield from keys(inner, f"{before}{name}{several}.")


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """The schemas within a type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from models(part)


def words(kind: Any) -> Iterator[str]:
    """The words a type takes."""
    if get_origin(kind) is Literal:
        yield from map(str, get_args(kind))
    for part in get_args(kind):
        yield from words(part)


TABLES = PAGES["docs/recipes.md"].partition("## Every key")[2]

ROWS = {row[0]: row[1:] for row in re.findall(r"^\| `([a-z_.\[\]]+)` \| (.+?) \| ?(.*?) \| (.+) \|$", TABLES, re.MULTILINE)}


def test_every_key_of_a_recipe_is_explained_and_no_other():
    assert set(ROWS) == {key for key, _ in keys(recipe.Recipe)}


@pytest.mark.parametrize(("key", "field"), [pytest.param(key, field, id=key) for key, field in keys(recipe.Recipe)])
def test_what_a_key_takes_and_its_default_are_told(key, field):
    takes, default, meaning = ROWS[key]
    for word in words(field.annotation):
        assert f"`{word}`" in takes
    if field.is_required():
        assert default in ("required", "")
    elif default.startswith("`"):
        told = recipe.parse(default.strip("`"))
        assert told == (list(field.default) if isinstance(field.default, tuple) else field.default)
    elif default:
        assert default == "two phases"
        assert len(field.default) == 2
    else:
        assert field.default is None
    assert meaning


def test_the_recipe_shown_as_an_example_is_one():
    for block in fences(PAGES["docs/recipes.md"], "yaml"):
        recipe.check(recipe.parse(block), "docs/recipes.md")


def test_backbones_named_in_the_pages_exist():
    from overread.backbones.torchvision import timm

    named = {name for text in PAGES.values() for name in re.findall(r"backbone(?:\.name=|: \{name: )([\w.-]+)", text)}
    assert named
    for name in named:
        assert name in BACKBONES.names() or timm.is_model(name)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    here = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", PAGES[name])):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        page = here / path if path else ROOT / name
        assert page.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles], target


@pytest.mark.parametrize("path", [*FILES, ROOT / "docs" / "tutorial.ipynb"], ids=lambda path: path.name)
def test_no_page_names_a_path_of_the_machine_it_was_written_on(path):
    assert not re.search(r"(?<![\w.])/(tmp|root|home|Users|mnt)/|\.\./shared", path.read_text(encoding="utf-8"))
