"""What the headers of many DICOM files say, as a table; not one pixel is read, and no name."""

import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pandas as pd
from pydicom import Dataset
from pydicom.datadict import dictionary_VR, keyword_dict, tag_for_keyword
from pydicom.uid import MediaStorageDirectoryStorage

from overread.datasets.folder import PAPERS, files, wanted
from overread.errors import UserError, nearest
from overread.imaging import zips
from overread.imaging.dicom.contents import flat, frames, peek
from overread.imaging.dicom.tags import meaning, number, row_spacing, text
from overread.imaging.place import place
from overread.imaging.unreadable import Unreadable
from overread.progress import track

WORDS = {
    "modality": "Modality",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "detector": "DetectorType",
    "intent": "PresentationIntentType",
    "sex": "PatientSex",
}
"""Columns of words, and the elements they are read from."""

NUMBERS = {"kvp": "KVP", "exposure": "Exposure", "exposure_time": "ExposureTime", "tube_current": "XRayTubeCurrent"}
"""Columns of numbers: kV, mAs, ms, mA."""

SEEN = {
    "view": ("ViewPosition", "ViewCodeSequence"),
    "laterality": ("ImageLaterality", "FrameLaterality", "Laterality"),
    "body_part": ("BodyPartExamined", "AnatomicRegionSequence"),
}
"""Columns that several elements may give; the first that is there does, a sequence by what its code means."""

OTHERS = ("PatientAge", "StudyDate", "ImagerPixelSpacing", "PixelSpacing", "NumberOfFrames", "SOPClassUID")

GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")

CLAIMS = {".dcm", ".dicom", ".dic", ".ima"}
"""Extensions by which a file says that it is DICOM: it is a row even where its content is too damaged to tell."""

THREADS = 8
"""Headers are waited for, on a disk or a network, longer than they are worked on."""

OLDEST = 90
"""Years; older patients are few enough to be known by their age, so they are all of this one."""


def read_headers(path: Path, keywords: Collection[str], where: str) -> pd.DataFrame:
    """The headers of a folder tree or zip archive.

    Returns
    -------
    pandas.DataFrame
        In the order of the paths, a row a file that is DICOM or claims to be: `image` (below `path`), `file`, `frames` (int), the columns of
        `describe`, and each of `keywords` as text. Blank and NaN where nothing is said, or the header cannot be read.

    Raises
    ------
    UserError
        No such folder or archive, no DICOM in it, or none whose header can be read.
    """
    listed = _listed(path)
    with ThreadPoolExecutor(THREADS) as pool:
        said = list(track(pool.map(partial(_said, keywords=keywords), listed.values()), "reading headers", len(listed)))
    rows = {image: told for image, told in zip(listed, said, strict=True) if told is not None}
    if not rows:
        raise UserError("no DICOM file in it", where, "name a folder or .zip of DICOM files")
    reasons = [told for told in rows.values() if isinstance(told, str)]
    if len(reasons) == len(rows):
        raise UserError(f"none of the {len(rows)} DICOM files can be read; the first: {reasons[0]}", where, "check the files")
    nothing = {**describe(Dataset()), "frames": 1, **dict.fromkeys(keywords, "")}
    table = pd.DataFrame([nothing if isinstance(told, str) else told for told in rows.values()])
    table.insert(0, "image", list(rows))
    table.insert(1, "file", [listed[image] for image in rows])
    return table


def describe(header: Dataset) -> dict[str, Any]:
    """Acquisition and view of one picture: `WORDS`, `NUMBERS`, `SEEN`, `pixel_spacing` (mm), `age` (years, 90 for all above) and `year`."""
    return {
        **{name: text(header, keyword) for name, keyword in WORDS.items()},
        **{name: next(filter(None, (_seen(header, keyword) for keyword in keywords)), "") for name, keywords in SEEN.items()},
        **{name: number(header, keyword) for name, keyword in NUMBERS.items()},
        "pixel_spacing": row_spacing(header),
        "age": _years(text(header, "PatientAge")),
        "year": text(header, "StudyDate")[:4],
    }


def body_parts(files: Iterable[str]) -> list[str]:
    """What part of the body each file says it shows, as its header words it (``WRIST``); blank where it says none, or is no DICOM file."""
    with ThreadPoolExecutor(THREADS) as pool:
        said = pool.map(partial(_said, keywords=()), files)
        return [told["body_part"] if isinstance(told, dict) else "" for told in said]


def read_keywords(files: pd.Series, keywords: Collection[str]) -> pd.DataFrame:
    """What each file's header says of these elements, as text, indexed like `files`; blank where it says nothing, or is no DICOM file."""
    with ThreadPoolExecutor(THREADS) as pool:
        said = list(pool.map(partial(_said, keywords=keywords), files))
    nothing = dict.fromkeys(keywords, "")
    return pd.DataFrame([told if isinstance(told, dict) else nothing for told in said], index=files.index, columns=list(keywords), dtype="str")


def check(keyword: str, where: str) -> str:
    """The keyword of an element that may be read as a word.

    Raises
    ------
    UserError
        DICOM knows no such keyword, or it stands for a person's name, a sequence or bytes.
    """
    tag = tag_for_keyword(keyword)
    if tag is None:
        near = get_close_matches(keyword, filter(None, keyword_dict), n=5)  # of more than 5,000
        mend = nearest(keyword, near) if near else "take a keyword of DICOM PS3.6, e.g. BodyPartExamined"
        raise UserError(f"DICOM has no element {keyword!r}", where, mend)
    kind = dictionary_VR(tag)
    if kind == "PN":
        raise UserError(f"{keyword} is a person's name, and those are never read", where, "leave it out")
    if kind in {"SQ", "UN"} or kind.startswith("O"):
        raise UserError(f"{keyword} holds no words", where, "name an element of words or numbers")
    return keyword


def snake(keyword: str) -> str:
    """A keyword as a column is called: ``body_part_examined``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", keyword).lower()


def _listed(path: Path) -> dict[str, str]:
    """Path within the source to file, of everything that may be DICOM."""
    if path.is_dir():
        root = path.resolve()
        return {Path(name).as_posix(): str(root / name) for name in sorted(files(root))}
    if not path.is_file():
        raise UserError("there is no such folder or archive", str(path), "check the path")
    if path.suffix.lower() != ".zip":
        raise UserError("neither a folder nor a .zip", str(path), "name the folder that holds the files")
    try:
        names = sorted(zips.members(path))
    except Unreadable as fault:
        raise UserError(str(fault), str(path), "get the archive again") from None
    return {name: f"{path.resolve()}#{name}" for name in names if all(map(_shown, name.split("/"))) and not PAPERS.fullmatch(name)}


def _shown(step: str) -> bool:
    """A step out of the archive is not hidden: such a member is a row, and rejected."""
    return step == ".." or wanted(step)


def _said(file: str, keywords: Collection[str]) -> dict[str, Any] | str | None:
    """What one file says, why it cannot be read, or None where it is no DICOM file or a directory of others."""
    asked = {*WORDS.values(), *NUMBERS.values(), *(keyword for several in SEEN.values() for keyword in several), *OTHERS, *GROUPS, *keywords}
    try:
        with _open(file) as stream:
            header = peek(stream, asked)
        if header is None:
            named = place(file)
            return "its content is not DICOM" if PurePosixPath(named.member or named.path).suffix.lower() in CLAIMS else None
        if MediaStorageDirectoryStorage in (header.get("SOPClassUID"), header.file_meta.get("MediaStorageSOPClassUID")):
            return None
        shown = flat(header)
        return {**describe(shown), "frames": frames(header), **{keyword: text(shown, keyword) for keyword in keywords}}
    except Unreadable as fault:
        return str(fault)


@contextmanager
def _open(file: str) -> Iterator[IO[bytes]]:
    named = place(file)
    if named.member:
        with zips.stream(Path(named.path), named.member) as stream:
            yield stream
        return
    try:
        with Path(file if Path(file).is_file() else named.path).open("rb") as stream:
            yield stream
    except OSError as fault:
        raise Unreadable(f"it cannot be opened ({fault.strerror})") from None


def _seen(header: Dataset, keyword: str) -> str:
    return meaning(header, keyword) if keyword.endswith("Sequence") else text(header, keyword)


def _years(age: str) -> float:
    """Years of an age string such as ``045Y``, ``018M``, ``003W`` or ``010D``."""
    told = re.fullmatch(r"(\d+)([YMWD])", age)
    if told is None:
        return float("nan")
    return min(OLDEST, int(told[1]) / {"Y": 1, "M": 12, "W": 52, "D": 365}[told[2]])
