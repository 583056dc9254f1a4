"""The one table that flows through the house: a row an image, and what its columns mean."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from overread.errors import UserError

Kind = Literal["binary", "multiclass", "ordinal"]

KEYS = ("patient", "study", "group")
"""Columns whose equal, non-blank values put two rows on one side of a split."""

TEXT = ("image", "file", "source", *KEYS, "site", "split", "published", "component", "why", "copy_of", "bytes_sha", "pixel_sha")
"""Text columns of the house, beside `row` and the targets; blank is the empty string."""

CONTRADICTION = "labels contradict each other"
"""Stands in a fault that puts labels in doubt; the others are gaps and litter."""

FACT = "fact:"
"""Prefix of the columns that say what the file says of itself (width, height, mode, format, bytes, ...)."""

NEGATIVE = re.compile(
    r"normal|negative|neg|healthy|health|control|absent|none|no|false|0|(no|not|non|without)[ _-].+|no(tumou?r|finding|disease)", re.IGNORECASE
)
POSITIVE = re.compile(r"abnormal|positive|pos|present|yes|true|1|diseased?", re.IGNORECASE)


def nameable(target: str) -> bool:
    """Whether a target may be called so: not nothing, and not as a column of the house is."""
    return bool(target) and target not in {"row", *TEXT} and not target.startswith(FACT)


@dataclass(frozen=True)
class Target:
    """One question asked of every image.

    Attributes
    ----------
    kind : binary, multiclass or ordinal; labels that may hold together are a binary target each
    classes : tuple of str
        Their order is the order of probabilities; ordinal classes rise, a binary target's positive class stands last.
    positive : str or None
        The class that "sensitivity" speaks of; binary only.
    """

    kind: Kind
    classes: tuple[str, ...]
    positive: str | None = None

    def encode(self, labels: pd.Series) -> np.ndarray:
        """(n,) int64 class numbers; -1 where the label is missing."""
        codes: np.ndarray = np.array(pd.Categorical(labels, categories=list(self.classes)).codes, dtype=np.int64)
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """(n,) class names of (n,) class numbers."""
        names: np.ndarray = np.array(self.classes, dtype=object)
        return names.take(codes)

    @classmethod
    def infer(cls, labels: pd.Series, where: str, positive: str | None = None, kind: str | None = None) -> "Target":
        """The target that a column of labels asks for.

        Parameters
        ----------
        labels : (n,) str, missing = unknown
        where : the source and column, for errors
        positive : the class of interest, if declared; otherwise it is found among known words (normal, negative, "not ...")
        kind : ``ordinal`` to order the classes by number; otherwise two classes are binary, more are multiclass

        Raises
        ------
        UserError
            One class only, two that differ in capitals alone, a positive class that is absent or cannot be told, or numbers that are
            measurements, not classes.
        """
        classes = sorted(labels.dropna().unique(), key=_natural)
        if len(classes) < 2:
            seen = f"only the class {classes[0]!r}" if classes else "no label at all"
            raise UserError(f"{seen}", where, "a classifier needs two classes: check the label column or the folders")
        if len(classes) > min(max(50, 0.2 * labels.notna().sum()), max(10, 0.5 * labels.notna().sum())):
            raise UserError(
                f"{len(classes)} distinct labels in {labels.notna().sum()} rows: a measurement or an id, not classes",
                where,
                "choose another label column, or bin the values before",
            )
        for one, other in pairwise(sorted(classes, key=str.casefold)):
            if one.casefold() == other.casefold():
                raise UserError(f"the classes {one!r} and {other!r} differ in capitals alone", where, f"merge them: ?merge={other}:{one}|{other}")
        if positive is not None and positive not in classes:
            raise UserError(f"positive class {positive!r} is not among {classes}", where, f"declare one that is, e.g. ?positive={classes[-1]}")
        if kind == "ordinal":
            return cls("ordinal", tuple(classes))
        if len(classes) > 2 and positive is not None:
            merge = "|".join(name for name in classes if name == positive)
            raise UserError(
                f"positive={positive} with {len(classes)} classes {classes}", where, f"merge the others into one (?merge=rest:a|b), keeping {merge}"
            )
        if len(classes) > 2:
            return cls("multiclass", tuple(classes))
        positive = positive or _positive(classes)
        if positive is None:
            raise UserError(
                f"which of {classes[0]!r} and {classes[1]!r} is the positive class cannot be told",
                where,
                f"declare it: ?positive={classes[0]} or ?positive={classes[1]}",
            )
        return cls("binary", tuple(sorted(classes, key=lambda name: name == positive)), positive)


def _natural(name: str) -> tuple[int, float, str]:
    """Sort key: numbers by value, then words."""
    try:
        return (0, float(name), name)
    except ValueError:
        return (1, 0.0, name)


def _positive(classes: list[str]) -> str | None:
    """The class that known words name as positive, if they name exactly one."""
    negative = [bool(NEGATIVE.fullmatch(name.strip())) for name in classes]
    if sum(negative) == 1:
        return classes[negative.index(False)]
    positive = [bool(POSITIVE.fullmatch(name.strip())) for name in classes]
    return classes[positive.index(True)] if sum(positive) == 1 else None


@dataclass(frozen=True)
class Catalog:
    """A table of images and the meaning of its columns.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row an image, indexed 0..n-1. `row` (unique str), `image` (as the source gave it), `file` (where it is read from; a container's
        member after ``#``), one column a target (missing = unknown), `patient`, `study`, `group` (a blank joins nothing), `site`
        (never joins), `source`, and, once made: `split` (train, val, test or blank), `published`, `component`, `why`, `copy_of` (the row
        whose pixels this one repeats), `bytes_sha`, `pixel_sha`, `fact:*`. Other columns are carried, never modelled.
    targets : dict of str to Target
    covariates : list of str
        Declared columns that subgroup tables and the covariate baseline may use.
    source : str
        As the user wrote it, several joined by a blank.
    faults : tuple of str
        What a reader found wrong with its source: a sentence each, with counts and without ids; see `CONTRADICTION`.
    """

    frame: pd.DataFrame
    targets: dict[str, Target]
    covariates: list[str] = field(default_factory=list)
    source: str = ""
    faults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        frame = self.frame.reset_index(drop=True)
        for name in ("row", "image", *self.targets, *self.covariates):
            if name not in frame:
                raise ValueError(f"a catalog needs the column {name!r}")
        frame["row"] = frame["row"].astype(str)
        if frame["row"].duplicated().any():
            raise ValueError("a catalog's rows need distinct names")
        for name in TEXT:
            frame[name] = frame[name].astype("str").fillna("") if name in frame else ""
        object.__setattr__(self, "frame", frame)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def facts(self) -> list[str]:
        """Columns that say what the files say of themselves."""
        return [name for name in map(str, self.frame) if name.startswith(FACT)]

    def replace(self, frame: pd.DataFrame) -> "Catalog":
        """The same meaning over another frame."""
        return replace(self, frame=frame)

    def asking(self, *names: str) -> "Catalog":
        """The same rows, asked these questions alone; the other labels are carried as columns."""
        return replace(self, targets={name: self.targets[name] for name in names})

    def only(self, rows: np.ndarray | pd.Series) -> "Catalog":
        """The rows a boolean mask keeps."""
        return self.replace(self.frame[np.asarray(rows, dtype=bool)])

    def part(self, *splits: str) -> "Catalog":
        """The rows of these splits that count: pixels that repeat another row's are left out (they count once)."""
        return self.only(self.frame["split"].isin(splits) & (self.frame["copy_of"] == ""))

    def save(self, path: Path) -> None:
        """Write the frame as parquet, with the meaning of its columns in the file's metadata."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        targets = {name: asdict(target) for name, target in self.targets.items()}
        meaning = {"targets": targets, "covariates": self.covariates, "source": self.source, "faults": self.faults}
        table = pa.Table.from_pandas(self.frame, preserve_index=False)
        pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), b"overread": json.dumps(meaning).encode()}), path)

    @classmethod
    def load(cls, path: Path) -> "Catalog":
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        if b"overread" not in (table.schema.metadata or {}):
            raise UserError("a parquet file without a catalog's metadata", str(path), "read it with table:, or name a file that a run wrote")
        meaning = json.loads(table.schema.metadata[b"overread"])
        targets = {name: Target(t["kind"], tuple(t["classes"]), t["positive"]) for name, t in meaning["targets"].items()}
        return cls(table.to_pandas(), targets, meaning["covariates"], meaning["source"], tuple(meaning.get("faults", ())))


def join(catalogs: list[Catalog]) -> Catalog:
    """Several sources as one: rows and keys are read within their source, classes are united.

    Raises
    ------
    UserError
        The sources ask different questions, or two share a name.
    """
    if len(catalogs) == 1:
        return catalogs[0]
    names = [str(catalog.frame["source"].iloc[0]) for catalog in catalogs]
    if len(set(names)) < len(names):
        raise UserError(f"two sources are both named {_first_twice(names)!r}", "--data", "name them apart with ?name=NAME")
    if len({frozenset(catalog.targets) for catalog in catalogs}) > 1:
        asked = "; ".join(f"{name}: {', '.join(catalog.targets)}" for name, catalog in zip(names, catalogs, strict=True))
        raise UserError(f"the sources have different targets ({asked})", "--data", "give the label columns one name with ?target=...")
    frames = []
    for name, catalog in zip(names, catalogs, strict=True):
        within = _within(name)
        frames.append(catalog.frame.assign(**{key: catalog.frame[key].map(within) for key in ("row", *KEYS)}))
    targets = {name: _unite([catalog.targets[name] for catalog in catalogs], name) for name in catalogs[0].targets}
    covariates = list(dict.fromkeys(name for catalog in catalogs for name in catalog.covariates))
    frame = pd.concat(frames, ignore_index=True)
    mixed = [name for name in frame if frame[name].dtype == object]  # numbers in one source, words in another
    faults = tuple(f"{name}: {fault}" for name, catalog in zip(names, catalogs, strict=True) for fault in catalog.faults)
    return Catalog(frame.astype(dict.fromkeys(mixed, "str")), targets, covariates, " ".join(catalog.source for catalog in catalogs), faults)


def _within(name: str) -> Callable[[str], str]:
    return lambda key: f"{name}/{key}" if key else ""


def _first_twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _unite(targets: list[Target], name: str) -> Target:
    classes = sorted({cls for target in targets for cls in target.classes}, key=_natural)
    positives = {target.positive for target in targets}
    if all(target.kind == "binary" for target in targets) and len(classes) == 2 and len(positives) == 1:
        return targets[0]
    if len({cls.casefold() for cls in classes}) < len(classes) or (any(target.kind == "binary" for target in targets) and len(classes) > 2):
        raise UserError(
            f"together the sources have the classes {classes}", f"target {name}", "map them onto one set with ?merge=new:old|old in each source"
        )
    if len(positives) > 1:
        named = " and ".join(sorted(map(repr, positives)))
        raise UserError(f"the sources disagree on the positive class ({named})", f"target {name}", "declare one ?positive=CLASS in each source")
    return Target("ordinal" if all(t.kind == "ordinal" for t in targets) else "multiclass", tuple(classes))
