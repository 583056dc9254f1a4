"""What a verb writes: a new table or folder, never over something that is there, and a table whole or not at all."""

from pathlib import Path

import pandas as pd

from overread.errors import UserError
from overread.run.files import whole


def check_table(out: Path) -> None:
    """Refuse a table that cannot be written, before any work is done for it; makes the folder it goes to.

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


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something, before any work is done for it.

    Raises
    ------
    UserError
        Something is in it, or it is a file.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError("the output folder is not empty", str(out), "choose another --out, or delete it")


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write the table under another name, then move it to its place."""
    with whole(out) as part:
        table.to_csv(part, index=False) if out.suffix == ".csv" else table.to_parquet(part, index=False)
