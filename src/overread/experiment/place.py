"""The folder that a verb writes to."""

from pathlib import Path

from overread.errors import UserError


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something, before any work is done for it.

    Raises
    ------
    UserError
        Something is in it, or it is a file.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError("the output folder is not empty", str(out), "choose another --out, or delete it")
