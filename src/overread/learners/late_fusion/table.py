"""Columns of a table as numbers: standardised, one-hot or TF-IDF, with what is missing or was never seen told apart."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack

from overread.catalog import FACT, TEXT, Catalog
from overread.errors import UserError, nearest
from overread.learners.late_fusion.words import SHARED, Words
from overread.progress import note


@dataclass(frozen=True)
class Number:
    """A column of numbers: in standard deviations from the mean of train, and whether it is missing; beyond train's range its nearest end."""

    column: str
    mean: float
    spread: float
    low: float
    high: float

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, 2): the number, 0 (the mean) where there is none; whether there is none."""
        value = _numbers(frame[self.column])
        blank = value.isna().to_numpy()
        scaled = (value.clip(self.low, self.high).to_numpy() - self.mean) / self.spread
        return np.column_stack([np.where(blank, 0, scaled), blank])


@dataclass(frozen=True)
class Category:
    """A column of repeating words: which of the levels that several components of train have, or none of them (blank, rare or new)."""

    column: str
    levels: tuple[str, ...]

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, levels + 1): one-hot, the last for "unknown"."""
        code = pd.Index(self.levels).get_indexer(pd.Index(plain(frame[self.column])))
        return np.asarray(np.eye(len(self.levels) + 1)[code])  # -1, not among them, is the last


@dataclass(frozen=True)
class Table:
    """How columns become numbers, as told by the rows of train alone."""

    plain: tuple[Number | Category, ...]
    texts: dict[str, Words]

    @classmethod
    def of(cls, catalog: Catalog, columns: tuple[str, ...], text: tuple[str, ...]) -> "Table":
        """Learn means, levels and vocabularies; labels are not looked at.

        Raises
        ------
        UserError
            A column is not there, is one that no model may read, or says nothing.
        """
        check_present(catalog, [*columns, *text], "learner")
        frame, component = catalog.frame, catalog.frame["component"].to_numpy()
        for name in (*columns, *text):
            if _kept_out(name, catalog):
                raise UserError(f"no model reads the column {name!r}", "learner", "name a column that says something of the patient")
            if (plain(frame[name]) == "").all():
                raise UserError(f"the column {name!r} is blank in every training row", "learner", "leave it out")
        texts = {name: Words.of(plain(frame[name]), component) for name in text}
        for name, words in texts.items():
            if not words.vocabulary:
                raise UserError(f"no word of {name!r} is written of {SHARED} patients", "learner.text", "name it under columns, or leave it out")
        return cls(tuple(_column(frame[name], component) for name in columns), texts)

    @property
    def width(self) -> int:
        """d: the numbers that a row becomes."""
        words = sum(len(one.vocabulary) for one in self.texts.values())
        return words + sum(2 if isinstance(one, Number) else len(one.levels) + 1 for one in self.plain)

    def encode(self, catalog: Catalog) -> csr_matrix:
        """(n, d) float64 of a catalog's rows.

        Raises
        ------
        UserError
            A column is not there at all; blanks in it are allowed.
        """
        check_present(catalog, [*(one.column for one in self.plain), *self.texts], catalog.source or "the images")
        dense = [csr_matrix(one.encode(catalog.frame)) for one in self.plain]
        sparse = [words.encode(plain(catalog.frame[name])) for name, words in self.texts.items()]
        return csr_matrix(hstack([*dense, *sparse]))

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        texts = {name: {"vocabulary": list(words.vocabulary), "rarity": words.rarity.tolist()} for name, words in self.texts.items()}
        return {"plain": [asdict(one) for one in self.plain], "texts": texts}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Table":
        read = [Category(one["column"], tuple(one["levels"])) if "levels" in one else Number(**one) for one in told["plain"]]
        return cls(tuple(read), {name: Words(tuple(one["vocabulary"]), np.array(one["rarity"])) for name, one in told["texts"].items()})


def check_present(catalog: Catalog, columns: list[str], where: str) -> None:
    """Refuse a catalog that lacks one of the columns."""
    lacking = [name for name in columns if name not in catalog.frame]
    if lacking:
        there = [name for name in map(str, catalog.frame) if not _kept_out(name, catalog)]
        mend = nearest(lacking[0], there) if there else "name a table that has it: table:FILE.csv?label=..."
        what = f"the model reads {', '.join(columns)} beside the image; there is no column {lacking[0]!r}"
        raise UserError(what, where, f"{mend}; where a value is not known, leave its cell blank")


def _kept_out(name: str, catalog: Catalog) -> bool:
    """Whether no model may read a column: the house's, a target, or what the file says of itself."""
    return name in {"row", *TEXT, *catalog.targets} or name.startswith(FACT)


def plain(column: pd.Series) -> pd.Series:
    """(n,) str without outer blanks; missing is blank."""
    return column.astype(str).where(column.notna(), "").str.strip()


def _numbers(column: pd.Series) -> pd.Series:
    """(n,) float64; what is no finite number is NaN."""
    value = pd.to_numeric(column, errors="coerce").astype(float)
    return value.where(np.isfinite(value))


def _column(column: pd.Series, component: np.ndarray) -> Number | Category:
    """A column in which nothing but numbers stands is a number, any other a category."""
    words, name = plain(column), str(column.name)
    value = _numbers(column)
    if (value.notna() | (words == "")).all():
        return Number(name, float(value.mean()), float(value.std(ddof=0)) or 1.0, float(value.min()), float(value.max()))
    if value.notna().sum() > (words != "").sum() / 2:
        odd = words[value.isna() & (words != "")].iloc[0]
        note(f"{name!r} is read as words, not as numbers: {odd!r} stands in it; leave such cells blank to have it read as numbers")
    shared = pd.Series(component).groupby(words.to_numpy()).nunique()
    levels = tuple(sorted(level for level in shared.index[shared >= SHARED] if level))
    if not levels:
        raise UserError(f"nothing that {name!r} says is said of {SHARED} patients", "learner.columns", "name it under text, or leave it out")
    return Category(name, levels)
