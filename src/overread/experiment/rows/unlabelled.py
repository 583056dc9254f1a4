"""Images that nobody labelled, as a catalog: files, folders or zip archives of them, or what lies inside a file."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from overread.catalog import Catalog, Target
from overread.datasets.folder import wanted
from overread.errors import UserError
from overread.imaging import zips
from overread.imaging.place import place
from overread.imaging.unreadable import Unreadable


def unlabelled(images: Sequence[str], targets: dict[str, Target]) -> Catalog:
    """A row a file, in the order given.

    Parameters
    ----------
    images : files; folders and .zip archives, of which every file is taken, by name; members and frames as `read.read` knows them
        (``study.zip#a/b.dcm``, ``film.dcm#frame=3``)
    targets : whose labels nobody knows

    Raises
    ------
    UserError
        No such file or folder, a folder or an archive without a file, or a damaged archive.
    """
    named = [name for image in images for name in _files(image)]
    frame = pd.DataFrame({"row": [str(i) for i in range(len(named))], "image": named, "file": [_absolute(name) for name in named]})
    return Catalog(frame.assign(**dict.fromkeys(targets, pd.Series(pd.NA, index=frame.index, dtype="str"))), dict(targets), source=" ".join(images))


def _files(image: str) -> list[str]:
    """The files that a name stands for."""
    path = Path(image)
    if path.is_dir():
        below = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
        return _some([str(path / file) for file in sorted(below) if all(map(wanted, file.parts))], image, "folder")
    if path.is_file() and path.suffix.lower() == ".zip":
        try:
            members = zips.members(path)
        except Unreadable as fault:
            raise UserError(str(fault), image, "get the archive again") from None
        return _some(
            [f"{image}#{name}" for name in sorted(members) if all(step == ".." or wanted(step) for step in name.split("/"))], image, "archive"
        )
    if path.is_file() or Path(place(image).path).is_file():
        return [image]
    raise UserError("no such file or folder", image, "name images, or a folder of them")


def _some(files: list[str], where: str, what: str) -> list[str]:
    if not files:
        raise UserError(f"the {what} holds no file", where, "name images, or a folder of them")
    return files


def _absolute(name: str) -> str:
    """The same file wherever the work goes on."""
    path = place(name).path if not Path(name).is_file() else name
    return str(Path(path).resolve()) + name.removeprefix(path)
