"""A table that a verb writes: .csv or .parquet, never over something that is there, whole or not at all."""

import os
from pathlib import Path

import pandas as pd

from overread.errors import UserError


def check_out(out: Path) -> None:
    """Refuse an output that cannot be written, before any work is done for it; makes the folder it goes to.

    Raises
    ------
    UserError
        Neither .csv nor .parquet, or something is there already.
    """
    if out.suffix not in {".csv", ".parquet"}:
        raise UserError(f"a table cannot be written as {out.suffix or 'a file without a suffix'}", f"--out {out}", "name a .csv or .parquet file")
    if out.exists():
        raise UserError("the file exists", f"--out {out}", "choose another name, or delete it")
    out.parent.mkdir(parents=True, exist_ok=True)


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write the table under another name, then move it to its place."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        table.to_csv(part, index=False) if out.suffix == ".csv" else table.to_parquet(part, index=False)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
