"""A table of image paths and labels: CSV, TSV, Parquet or Excel, its columns told by name or by the source's options."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from overread.catalog import FACT, KEYS, TEXT, Catalog, Target, nameable
from overread.datasets.base import Options as Common
from overread.datasets.base import label, need_file, reader, splits, text
from overread.datasets.studies import told_apart
from overread.errors import UserError, nearest

ROLES = ("label", "image", *KEYS, "site", "split")
"""Columns of the house that a table may bring; by default those of the same name."""


class Options(Common):
    """Which column is what; a column named like its role need not be declared."""

    label: str | None = None
    also: str | None = None
    """Columns of further targets, with commas between: ``region,grade:ordinal,sex:F``, where `F` is the positive class."""
    image: str | None = None
    patient: str | None = None
    study: str | None = None
    group: str | None = None
    site: str | None = None
    split: str | None = None
    covariates: str | None = None
    """Columns, with commas between, that subgroup tables and the covariate baseline may use."""
    sheet: str | None = None
    """Name of the sheet of an Excel file, if not the first."""


@reader("table")
def read(path: Path, options: Options) -> Catalog:
    """Read a table.

    Image paths are absolute or start from the table's folder. Labels and keys are text (1.0 is "1"); blank, NA and NaN are unknown. A
    row without an image path is rejected when the images are read. Columns without a role are carried under their name, those that
    the house would overwrite under ``<name>_given``. Studies that are numbered anew for every patient are told apart by the patient.

    Returns
    -------
    Catalog
        One row a row of the table; several may name one file. The target of `label` stands first, those of `also` are named like their
        columns; `target`, `positive`, `merge` and `kind` speak of the first.

    Raises
    ------
    UserError
        No such file, not a table, no row, a column that does not exist, labels that are no classes, or a split's part that cannot be told.
    """
    where = f"table:{path}"
    table = cells(path, options.sheet)
    roles = _roles(table, options, where)
    target = options.target or roles["label"]
    frame = pd.DataFrame({role: text(table[column]).fillna("") for role, column in roles.items() if role != "label"})
    if "split" in roles:
        frame["split"] = splits(table[roles["split"]], f"{where}, column {roles['split']}")
    further = _further(options.also, table, {roles["label"], target}, where)
    folder = path.resolve().parent
    frame["file"] = [str(folder / image.replace("\\", "/")) if image else "" for image in frame["image"]]
    plain = table.columns.difference([*roles.values(), *further], sort=False)
    carried = {name: free(name, target, list(table.columns)) for name in plain}
    frame = frame.join(table[list(carried)].apply(typed).rename(columns=carried))
    frame = frame.assign(**{name: text(table[name]) for name in further}, **{target: text(table[roles["label"]])})
    frame, faults = told_apart(frame)
    names = {**carried, **{name: name for name in further}, **{column: role for role, column in roles.items()}}
    covariates = declared(options.covariates, table, names, where)
    catalog = label(frame, target, options, f"{where}, column {roles['label']}")
    return replace(catalog, targets=catalog.targets | further, covariates=covariates, faults=(*catalog.faults, *faults))


def cells(path: Path, sheet: str | None = None) -> pd.DataFrame:
    """The file's cells, of CSV and Excel without any interpretation; columns are named by str."""
    need_file(path)
    kind = path.suffix.lower()
    if sheet is not None and kind != ".xlsx":
        raise UserError("only an Excel file has sheets", str(path), "leave ?sheet= out")
    try:
        if kind in {".csv", ".tsv"}:
            table = pd.read_csv(path, sep=_separator(path), dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False)
        elif kind == ".parquet":
            table = pd.read_parquet(path)
        elif kind == ".xlsx":
            with pd.ExcelFile(path) as book:
                if sheet is not None and sheet not in book.sheet_names:
                    raise UserError(f"there is no sheet {sheet!r}", str(path), nearest(sheet, map(str, book.sheet_names)))
                table = pd.read_excel(book, sheet_name=sheet or 0, dtype=object, keep_default_na=False)
        else:
            raise UserError(f"a table of kind {kind!r} is not read", str(path), "save it as .csv, .tsv, .parquet or .xlsx")
    except PermissionError:
        raise UserError("the table may not be read", str(path), "have it opened to you, or copy it") from None
    except UnicodeDecodeError:
        raise UserError("the table is not UTF-8", str(path), "save it as UTF-8") from None
    except (ValueError, OSError, KeyError, BadZipFile) as fault:
        raise UserError(f"the table cannot be read: {' '.join(str(fault).split())}", str(path), "open it and save it again") from None
    if table.empty:
        raise UserError("the table has no row", str(path), "check the file")
    return table.reset_index(drop=True).rename(columns=str)


def _separator(path: Path) -> str:
    """Whichever of comma, semicolon (Excel where the comma is decimal) and tab the first line holds most of."""
    with path.open(encoding="utf-8-sig") as file:
        line = file.readline()
    return max(",;\t", key=line.count)


def _roles(table: pd.DataFrame, options: Options, where: str) -> dict[str, str]:
    """Role to column: the declared ones, then those that are named like a free role."""
    declared = {role: column for role in ROLES if (column := getattr(options, role)) is not None}
    roles = declared | {role: role for role in ROLES if role not in declared and role in table and role not in declared.values()}
    for role in ("image", "label", *declared):
        column = roles.get(role, role)
        if column not in table:
            raise UserError(f"there is no column {column!r}", where, f"{nearest(column, table.columns)}; ?{role}=COLUMN says which it is")
        if role not in roles:
            other = next(name for name, taken in declared.items() if taken == role)
            raise UserError(f"the column {role!r} is declared as the {other}", where, f"say which is the {role}: ?{role}=COLUMN")
    return roles


def _further(also: str | None, table: pd.DataFrame, main: Collection[str], where: str) -> dict[str, Target]:
    """The further targets by their column, each told from the labels in it and from what follows its colon."""
    found: dict[str, Target] = {}
    for asked in filter(None, map(str.strip, (also or "").split(","))):
        column, _, how = (asked, "", "") if asked in table else asked.partition(":")
        if column not in table:
            raise UserError(f"there is no column {column!r}", f"{where}, also", nearest(column, table.columns))
        if column in {*main, *found}:
            raise UserError(f"the column {column!r} is asked twice", f"{where}, also", "name it once")
        if not nameable(column):
            raise UserError(f"a target cannot be named {column!r}", f"{where}, also", "rename that column")
        kind, positive = ("ordinal", None) if how == "ordinal" else (None, how or None)
        try:
            found[column] = Target.infer(text(table[column]), f"{where}, column {column}", positive, kind)
        except UserError as fault:
            mend = f"name its positive class (?also={column}:CLASS), order its grades (?also={column}:ordinal), or mend the column"
            raise UserError(fault.what, fault.where, mend) from None
    return found


def typed(column: pd.Series) -> pd.Series:
    """Numbers if all that is known are numbers and none is a code like 007, else text with blanks."""
    words = text(column)
    numbers = pd.to_numeric(words, errors="coerce")
    numeric = words.notna().any() and numbers.notna().eq(words.notna()).all() and not words.str.match(r"0\d", na=False).any()
    return numbers if numeric else words.fillna("")


def free(column: str, target: str, theirs: list[str]) -> str:
    """The name under which a column without a role is carried: its own, unless the house needs that."""
    name, taken = column, {"row", *TEXT, target}
    while name in taken or name.startswith(FACT):
        name, taken = f"{name.removeprefix(FACT)}_given", {*taken, *theirs}
    return name


def declared(covariates: str | None, table: pd.DataFrame, names: dict[str, str], where: str) -> list[str]:
    """Covariates, given with commas between, by their name in the catalog.

    Parameters
    ----------
    names : column to its role or the name it is carried under

    Raises
    ------
    UserError
        No such column, or one that is the label, a score, or says who it is: a report lists the levels of covariates.
    """
    columns = [name.strip() for name in (covariates or "").split(",") if name.strip()]
    for column in columns:
        if column not in table:
            raise UserError(f"there is no column {column!r}", f"{where}, covariates", nearest(column, table.columns))
        if names[column] in {"label", "score", "image", "patient", "study", "split"}:
            raise UserError(f"the covariate {column!r} is the {names[column]}", where, "leave it out of ?covariates=")
    return [names[column] for column in dict.fromkeys(columns)]
