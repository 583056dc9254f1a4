"""Which unit an unlabelled image belongs to: by its header in hashed ids, by its folder if that is said, else by nothing."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from overread.datasets.dicom.ids import hashed
from overread.experiment.rows.belonging import belonging
from overread.experiment.rows.unlabelled import unlabelled


@pytest.fixture
def film(tmp_path, dicom):
    """Write a DICOM file of these elements, or a file that is none; returns its path."""

    def write(name: str, frames: int = 0, **told: str | None) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.zeros((frames, 8, 8) if frames else (8, 8), np.uint8)
        path.write_bytes(dicom(values, **told) if told or frames else b"none")
        return str(path)

    return write


def names(files, unit, **options):
    found, findings = belonging(unlabelled(files, {}), unit, **options)
    return found.tolist(), findings


def secret(name: str) -> str:
    return hashed(pd.DataFrame({"id": [name]}), b"of the tests")["id"][0]


def test_headers_name_the_pair_of_patient_and_study_hashed_and_what_says_nothing_stays_blank(film, tmp_path):
    one = film("one", PatientID="p", StudyInstanceUID="1.2")
    same = film("same", PatientID="p", StudyInstanceUID="1.2")
    other = film("other", PatientID="q", StudyInstanceUID="1.2")
    nobody = film("nobody", StudyInstanceUID="1.2")
    nothing = film("nothing", PatientID="p")
    plain = film("plain.png")
    with ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(one, "deep/one")
    files = [one, same, other, nobody, nothing, plain, str(tmp_path / "z.zip")]

    p, q, study = secret("p"), secret("q"), secret("1.2")
    assert names(files, "study") == ([f"{p}/{study}", f"{p}/{study}", f"{q}/{study}", study, "", "", f"{p}/{study}"], [])
    assert names(files, "patient") == ([p, p, q, "", p, "", p], [])
    assert names([plain], "study") == ([""], [])


def test_a_folder_is_one_however_it_is_spelt_and_links_do_not_lead_out_of_it(film, tmp_path, monkeypatch):
    for name in ("a/1.png", "a/2.png", "b/1.png", "top.png", "store/x.png"):
        film(name)
    (tmp_path / "b" / "2.png").symlink_to(tmp_path / "store" / "x.png")
    film("a/many.dcm", frames=3)
    monkeypatch.chdir(tmp_path)
    files = ["a/1.png", "./a/2.png", str(tmp_path / "b/../a/1.png"), "a/many.dcm#frame=2", "b", "top.png"]

    found, findings = names(files, "study", by_folder=True)

    assert len(set(found[:4])) == 1 and Path(found[0]).resolve() == tmp_path / "a"
    assert found[4:] == ["b", "b", "."]
    assert findings == []


def test_an_archives_folders_are_its_own_and_its_top_is_one(film, tmp_path):
    film("x.png")
    with ZipFile(tmp_path / "z.zip", "w") as archive:
        for member in ("a/b/1.png", "a/b/2.png", "a/3.png", "4.png"):
            archive.write(tmp_path / "x.png", member)
    there = str(tmp_path / "z.zip")
    assert names([there, f"{there}#a/b/1.png"], "patient", by_folder=True)[0] == [there, f"{there}#a", *[f"{there}#a/b"] * 3]


def test_folders_whose_headers_name_several_are_told(film, tmp_path):
    film("torn/1", PatientID="p", StudyInstanceUID="1.2")
    film("torn/2", PatientID="p", StudyInstanceUID="1.3")
    film("whole/1", PatientID="q", StudyInstanceUID="1.4")
    film("whole/2", PatientID="q")
    [said] = names([str(tmp_path)], "study", by_folder=True)[1]
    assert said.sentence == "1 of 2 folders holds DICOM files of several studies, by their headers; each counts as one study."
    assert (said.severity, said.passed, said.effect.value) == ("high", False, 0.5)
    assert names([str(tmp_path)], "patient", by_folder=True)[1] == []
