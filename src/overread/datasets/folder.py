"""A folder a class, below folders of a published split or not.

x/normal/a.png                    x/train/normal/a.png
x/pneumonia/sub/b.jpg             x/Testing/pneumonia/b.jpg
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.base import SPLITS, Options, label, reader
from overread.errors import UserError

PAPERS = re.compile(
    r".*\.(csv|tsv|txt|md|jsonl?|xml|html?|pdf|docx?|rtf|xlsx?|parquet|ya?ml|toml|ini|log|db|py|ipynb|sh|zip|gz|tar|7z|rar|np[yz])", re.IGNORECASE
)
"""Names of the papers that lie beside images. Any other file is a row, and is listed as rejected if it holds no picture."""

LITTER = {"__macosx", "thumbs.db", "desktop.ini"}


@reader("folder")
def read(path: Path, options: Options) -> Catalog:
    """Read a folder of class folders.

    Files may lie deeper in a class's folder; one that lies beside the class folders has no label. Left out without a word: hidden
    files, what operating systems leave behind, documents, tables and archives (`PAPERS`), and what this house wrote (a folder below
    with a `catalog.parquet`: a run's pictures of its mistakes are not data).

    Returns
    -------
    Catalog
        One row a file, in the order of their paths; target `label`, the class folder's name; `split` where the first folders are
        named train or training, val, valid or validation, test or testing (any case).

    Raises
    ------
    UserError
        No such folder, one below that may not be opened, no image, or folders of a split beside others that hold images.
    """
    if not path.is_dir():
        raise UserError("there is a file, not a folder" if path.is_file() else "there is no such folder", str(path), "check the path")
    root = path.resolve()
    images = sorted(files(root))
    if not images:
        raise UserError("no image in the folder", str(path), "name the folder that holds a folder a class")
    frame = pd.DataFrame({"image": [Path(image).as_posix() for image in images], "file": [str(root / image) for image in images]})
    return label(frame.join(by_folder(frame["image"], str(path))), "label", options, f"folder:{path}")


def by_folder(images: pd.Series, where: str) -> pd.DataFrame:
    """What folders say of the images in them.

    Parameters
    ----------
    images : (n,) str, paths below the source's root, with slashes

    Returns
    -------
    pandas.DataFrame
        `label`, the class folder's name (missing for an image beside the class folders), and `split`, indexed like `images`.
    """
    below = [unicodedata.normalize("NFC", image).split("/")[:-1] for image in images]
    steps = [[] if {"", ".."} & set(step) else step for step in below]  # a member that points out of its archive lies in no folder
    published = _published({step[0] for step in steps if step}, where)
    classes = pd.Series([step[published] if len(step) > published else None for step in steps], images.index, dtype="str")
    parts = [SPLITS[step[0].lower()] if published and step else "" for step in steps]
    return pd.DataFrame({"label": classes.str.strip(), "split": parts})


def files(root: Path) -> Iterator[str]:
    """Paths below `root` of everything that may be an image; links to folders are followed, except upwards."""
    for folder, below, names in os.walk(root, followlinks=True, onerror=closed):
        here = Path(folder)
        if here != root and "catalog.parquet" in names:
            below.clear()
            continue
        below[:] = [name for name in below if wanted(name) and not here.resolve().is_relative_to((here / name).resolve())]
        yield from (str((here / name).relative_to(root)) for name in names if wanted(name) and not PAPERS.fullmatch(name))


def closed(fault: OSError) -> None:
    """A folder that cannot be listed is no empty one: its images would be missing in silence."""
    raise UserError(f"a folder cannot be opened ({fault.strerror})", str(fault.filename), "let it be read, or move it away")


def wanted(name: str) -> bool:
    """Whether a file or folder is neither hidden nor left behind by an operating system."""
    return not name.startswith(".") and name.lower() not in LITTER


def _published(folders: set[str], where: str) -> bool:
    """Whether the first folders name a published split."""
    parts = {name for name in folders if name.lower() in SPLITS}
    others = sorted(folders - parts)
    if parts and others:
        raise UserError(
            f"the folder {others[0]!r} holds images beside {sorted(parts)[0]!r}",
            where,
            "a folder holds either parts of a split or classes: move it away, or name the folder above the classes",
        )
    return bool(parts)
