"""What every reader shares: its entry in the registry, its options, and how a column of labels becomes a target."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import update_wrapper
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_type_hints

import pandas as pd
from pydantic import AfterValidator, ValidationError

from overread.catalog import Catalog, Target, join, nameable
from overread.datasets.source import Source, parse
from overread.errors import UserError, nearest
from overread.recipe import Strict
from overread.registry import DATASETS

Schema = TypeVar("Schema", bound=Strict)

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""Published names of the three parts, in any case."""

UNKNOWN = {"", "nan", "na", "n/a", "<na>", "nat", "null"}
"""Words, in any case, that stand for a label or key nobody knows; `none` is not one, since it is a finding."""


def _plain(name: str) -> str:
    if len(name) > 100 or not name.isprintable() or {"/", "\\"} & set(name):
        raise ValueError("a name is one line of at most 100 letters without a slash")
    return name


class Options(Strict):
    """Options of every source, after the ``?``."""

    pathless: ClassVar[bool] = False
    """Whether a source may leave its path out, because the reader has a place of its own."""

    name: Annotated[str, AfterValidator(_plain)] | None = None
    """Name of the source, if not that of its file or folder; folders and rows are named by it, so it holds no slash."""
    target: str | None = None
    """Name of the target, if not that of the labels' column."""
    positive: str | None = None
    """The class of interest of a binary target."""
    merge: str | None = None
    """Classes put together or renamed: ``new:old|old;new:old``."""
    kind: Literal["ordinal"] | None = None
    """`ordinal`: the classes are grades, ordered by number."""


class Reader:
    """A published reader: the function it was made of, and the schema of its options."""

    def __init__(self, function: Callable[[Any, Any], Catalog], schema: type[Options]) -> None:
        self.function = function
        self.Options = schema
        update_wrapper(self, function)

    def __call__(self, path: Path | None, options: Options) -> Catalog:
        return self.function(path, options)


def reader(name: str) -> Callable[[Callable[[Any, Any], Catalog]], Reader]:
    """Decorator that publishes ``read(path, options) -> Catalog``; the annotation of `options` is the schema."""

    def publish(function: Callable[[Any, Any], Catalog]) -> Reader:
        published: Reader = DATASETS.register(name)(Reader(function, get_type_hints(function)["options"]))
        return published

    return publish


def read(sources: Sequence[str]) -> Catalog:
    """The catalog of one or several sources, e.g. ``["table:a.csv?label=dx", "folder:b"]``.

    Raises
    ------
    UserError
        Whatever is wrong with a source, or with putting them together (see `catalog.join`).
    """
    if not sources:
        raise UserError("no data are given", "--data", "name a source, e.g. folder:images or table:images.csv")
    return join([_read(parse(text)) for text in sources])


def label(frame: pd.DataFrame, column: str, options: Options, where: str, positive: str | None = None) -> Catalog:
    """A catalog of a reader's frame whose `column` holds the labels.

    Parameters
    ----------
    frame : pandas.DataFrame
        At least `image`, `file` and `column` (str, missing = unknown); its order numbers the rows.
    positive : the positive class of a known set, where the user declares none
    """
    target = options.target or column
    if not nameable(target):
        raise UserError(f"a target cannot be named {target!r}", where, "name it with ?target=diagnosis, or another word")
    labels = frame[column] if options.merge is None else merged(frame[column], options.merge, where)
    if positive not in set(labels.dropna()):
        positive = None
    asked = Target.infer(labels, where, options.positive or positive, options.kind)
    frame = frame.drop(columns=column).assign(row=[str(number) for number in range(len(frame))])
    frame[target] = labels
    return Catalog(frame, {target: asked}, source=where)


def merged(labels: pd.Series, merge: str, where: str) -> pd.Series:
    """The labels with classes put together as ``new:old|old;new:old`` says.

    Raises
    ------
    UserError
        Not of that form, a class that is not there, or one that goes to two places.
    """
    known = set(labels.dropna())
    becomes: dict[str, str] = {}
    for part in filter(None, merge.split(";")):
        new, colon, olds = part.partition(":")
        if not (colon and new.strip() and olds.strip()):
            raise UserError(f"merge {part!r} is not new:old|old", where, "write e.g. ?merge=tumour:glioma|meningioma;other:normal")
        for old in map(str.strip, olds.split("|")):
            if old not in known:
                raise UserError(f"merge names a class {old!r} that is not there", where, nearest(old, known))
            if old in becomes:
                raise UserError(f"merge puts the class {old!r} in two places", where, "name it once")
            becomes[old] = new.strip()
    return labels.map(lambda name: becomes.get(name, name), na_action="ignore")


def text(values: pd.Series) -> pd.Series:
    """Values as trimmed str: whole numbers without decimals (1.0 is "1"), unknown ones missing."""
    words = values.astype("str").str.strip().str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)
    return words.mask(words.str.lower().isin(UNKNOWN))


def splits(values: pd.Series, where: str) -> pd.Series:
    """Published split names as train, val, test or blank.

    Raises
    ------
    UserError
        A value that names none of them.
    """
    words = text(values).fillna("").str.lower()
    strange = sorted(set(words) - {*SPLITS, ""})
    if strange:
        raise UserError(f"{strange[0]!r} is not a part of a split", where, "use train, val (valid, validation) and test, or leave it blank")
    return words.map({**SPLITS, "": ""})


def need_file(path: Path) -> None:
    """Refuse a path that is not a file."""
    if not path.is_file():
        raise UserError("there is a folder, not a file" if path.is_dir() else "there is no such file", str(path), "check the path")


def check_options(schema: type[Schema], source: Source) -> Schema:
    """The options of a source, by their schema.

    Raises
    ------
    UserError
        An unknown option (the near one is named), or a value that its schema refuses.
    """
    try:
        return schema.model_validate(source.options)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            raise UserError(f"unknown option {key!r}", source.text, nearest(key, schema.model_fields)) from None
        raise UserError(f"{key}: {first['msg'].removeprefix('Value error, ')}, got {first['input']!r}", source.text, "mend that value") from None


def _read(source: Source) -> Catalog:
    published = DATASETS.get(source.reader)
    options = check_options(published.Options, source)
    catalog: Catalog = published(source.path, options)
    frame = catalog.frame.assign(source=options.name or (source.path.resolve().stem if source.path else source.reader))
    return replace(catalog, frame=frame, source=source.text)
