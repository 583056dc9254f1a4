"""Which study or patient an image that nobody labelled belongs to: what its header says, or its folder where the user says so; never a guess."""

from pathlib import Path, PurePosixPath

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.dicom.headers import read_keywords
from overread.datasets.dicom.ids import hashed, salt
from overread.evaluation.units import Unit
from overread.findings import Effect, Finding, Severity
from overread.imaging.place import Place, place
from overread.report.show import plural

WHO = {"PatientID": "patient", "StudyInstanceUID": "study"}
"""Elements that say whose an image is, and the columns of a catalog that they are hashed into."""


def belonging(given: Catalog, unit: Unit, by_folder: bool = False) -> tuple[pd.Series, list[Finding]]:
    """Name the unit of every file.

    Parameters
    ----------
    given : of `unlabelled`
    unit : study or patient
    by_folder : the files that lie in one folder, or in one folder of an archive, are one unit, whatever their headers say

    Returns
    -------
    names : pandas.Series
        (n,) str, indexed like the frame; blank where nothing names the unit. Of headers the hashed ids, as the `dicom` reader makes them: the
        patient's, or the study's after its patient's (``4e0d.../91aa...``), as a study is a pair of both where both are known. Of folders
        their path as it was given, of several spellings of one folder the first by the alphabet.
    findings : list of Finding
        That headers name several patients or studies in one folder.
    """
    said = read_keywords(given.frame["file"], WHO).rename(columns=WHO)
    if by_folder:
        names = _folders(given.frame["image"])
        told = said if unit == "study" else said[["patient"]]
        distinct = told.where(told != "").groupby(names).nunique()
        several = (distinct > 1).any(axis=1)
        return names, [_torn(several, unit)] if several.any() else []
    if (said[unit] == "").all():
        return pd.Series("", index=given.frame.index, dtype="str"), []
    kept = hashed(said, salt())
    prefix = (kept["patient"] + "/").where((kept["patient"] != "") & (unit == "study"), "")
    return (prefix + kept[unit]).where(kept[unit] != "", ""), []


def _folders(images: pd.Series) -> pd.Series:
    """(n,) str: the folder that each image lies in, as given; spelt alike where it is the same one, links to files not followed."""
    lies = pd.DataFrame([_folder(image) for image in images], columns=["folder", "name"], index=images.index, dtype="str")
    return lies.groupby("folder")["name"].transform("min")


def _folder(image: str) -> tuple[str, str]:
    """The folder of a path, or within an archive, in full and as given."""
    path, member, _ = Place(image) if Path(image).is_file() else place(image)
    if Path(path).suffix.lower() != ".zip":
        return str(Path(path).parent.resolve()), str(Path(path).parent)
    inner = PurePosixPath(member).parent.as_posix()
    below = "" if inner == "." else f"#{inner}"
    return f"{Path(path).resolve()}{below}", f"{path}{below}"


def _torn(several: pd.Series, unit: Unit) -> Finding:
    """That folders which the user says are a unit each hold, by their headers, more than one."""
    holds = "holds" if several.sum() == 1 else "hold"
    told = f"{several.sum():,} of {len(several):,} folders {holds} DICOM files of several {plural(unit)}, by their headers; each counts as one"
    effect = Effect(f"share of folders with several {plural(unit)}", float(several.mean()), n=len(several))
    mend = "Leave out --by-folder: the headers then say which images belong together."
    return Finding("unit-folder", "data", Severity.HIGH, False, f"{told} {unit}.", effect, remedy=mend)
