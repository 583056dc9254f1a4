"""MURA v1.1: upper-limb radiographs of seven body parts, one label a study, folders and tables checked against each other.

x/MURA-v1.1/train_image_paths.csv         no header: MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png
x/MURA-v1.1/train_labeled_studies.csv     no header: MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/,1
x/MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png, and the same of valid
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from overread.catalog import Catalog, Target
from overread.datasets.base import Options, label, reader
from overread.datasets.mura.faults import describe
from overread.datasets.mura.layout import SPLITS, take_apart
from overread.datasets.mura.lists import IMAGES, Listed, images, studies
from overread.datasets.mura.tree import walk
from overread.errors import UserError

ROOT = "MURA-v1.1"


@reader("mura")
def read(path: Path, options: Options) -> Catalog:
    """Read MURA from the folder that holds `MURA-v1.1`, or from that folder itself.

    A row is a file in a study's folder, or a line of ``*_image_paths.csv`` whose file is missing (it is rejected when images are read). A
    study's label is what its folder and its line in ``*_labeled_studies.csv`` say; where these contradict each other it is unknown. Hidden
    files such as ``._image1.png`` are left out.

    Returns
    -------
    Catalog
        Targets `abnormal` (negative, positive) and, of two body parts and more, `body_part` (small letters). `patient` (MURA's number, one
        person in whatever part), `study` (part/patient/number: `study1` recurs), `views` (images of the study), `split` (the official
        valid is `test`); covariates `body_part` and `views`. `image` is the path as MURA writes it. `faults` are what folders and tables
        lack, or say differently.

    Raises
    ------
    UserError
        Neither folders nor tables of MURA are there, a folder may not be opened, there is no image, or a target is named like a column.

    Notes
    -----
    Rajpurkar et al. 2018, "MURA: Large dataset for abnormality detection in musculoskeletal radiographs" (arXiv:1712.06957). Its licence is
    for research; nothing here fetches it.
    """
    where, root = f"mura:{path}", _root(path)
    there, stray = walk(root)
    listed, labelled = ({split: known(root, split) for split in SPLITS} for known in (images, studies))
    paths = _paths(there, listed)
    if paths.empty:
        raise UserError("there is no image", where, "name the folder that holds train and valid")
    said, found = _said(paths, labelled), _found(paths)
    faults = describe(found, said, listed, labelled, stray)
    if options.target in {"body_part", "views"}:
        raise UserError(f"{options.target!r} is a column of its own", where, "leave ?target= out; learner.target says which question is learnt")
    frame = pd.DataFrame(
        {
            "image": ROOT + "/" + found["path"],
            "file": [str(root / name) for name in found["path"]],
            "abnormal": found["folder"].map(_agreed(said)).astype("str"),
            "patient": found["patient"],
            "study": found["body_part"] + "/" + found["patient"] + "/" + found["number"],
            "body_part": found["body_part"],
            "views": found.groupby("folder")["path"].transform("size"),
            "split": found["split"].map({"train": "train", "valid": "test"}),
        }
    )
    catalog = label(frame, "abnormal", options, where, "positive")
    parts = tuple(sorted(frame["body_part"].unique()))
    further = {"body_part": Target("multiclass", parts)} if len(parts) > 1 else {}
    return replace(catalog, targets=catalog.targets | further, covariates=["body_part", "views"], faults=faults)


def _root(path: Path) -> Path:
    """The folder that holds train and valid, or a table of theirs."""
    for root in (path, path / ROOT):
        if any((root / split).is_dir() or (root / f"{split}{IMAGES}").is_file() for split in SPLITS):
            return root.resolve()
    what = "there is no MURA" if path.is_dir() else "there is a file, not a folder" if path.is_file() else "there is no such folder"
    raise UserError(what, f"mura:{path}", f"name the folder that holds {ROOT}, with its folders train and valid")


def _paths(there: list[str], listed: dict[str, Listed]) -> pd.DataFrame:
    """One row a path, in their order: `path`, its parts (see `layout`), whether it `exists`, and its `line` in the table, if any."""
    lines = pd.concat([one.rows.set_index("path")["line"] for one in listed.values()])
    paths = pd.Series(sorted({*there, *lines.index}), dtype="str")
    return take_apart(paths).assign(path=paths, exists=paths.isin(there), line=paths.map(lines))


def _found(paths: pd.DataFrame) -> pd.DataFrame:
    """One row an image: a line whose file lies in the study's folder under another label, or under none, is that file's."""
    image = paths["folder"] + "/" + paths["path"].str.rpartition("/")[2]
    moved = ~paths["exists"] & image.isin(image[paths["exists"] & paths["line"].isna()])
    lines = pd.Series(paths["line"][moved].to_numpy(), index=image[moved]).groupby(level=0).first()
    return paths.assign(line=paths["line"].fillna(image.map(lines)))[~moved].reset_index(drop=True)


def _said(paths: pd.DataFrame, labelled: dict[str, Listed]) -> pd.DataFrame:
    """Every label that folders' names and tables give a study, each once: `folder`, `split`, `body_part`, `label`."""
    tables = [one.rows.rename(columns={column: "label"}) for one in labelled.values() for column in ("suffix", "says")]
    named = [paths.rename(columns={"suffix": "label"}), *tables]
    told = pd.concat([one[["folder", "split", "body_part", "label"]] for one in named])
    return told.dropna(subset="label").drop_duplicates(ignore_index=True)


def _agreed(said: pd.DataFrame) -> pd.Series:
    """The label of each study of which all words agree, by folder."""
    labels = said.groupby("folder")["label"].agg(["first", "nunique"])
    return labels["first"][labels["nunique"] == 1]
