import pandas as pd
import pytest

from overread.datasets.base import read
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan

TWO = {"ill/IM1": {"Modality": "CR", "PatientID": "a"}, "well/deep/IM2": {"Modality": "DX", "PatientID": "b"}}


def test_folders_are_classes_whatever_the_files_are_called(place, tmp_path):
    source = place(TWO)
    (tmp_path / "x" / "ill" / "notes").write_text("not DICOM")
    (tmp_path / "x" / "ill" / "photo.png").write_bytes(b"\x89PNG")
    catalog = read([f"{source}?label=folder&positive=ill"])
    assert catalog.frame[["image", "label"]].to_numpy().tolist() == [["ill/IM1", "ill"], ["well/deep/IM2", "well"]]
    found, rejected = scan(catalog, Fitting(16), Cache(), 1)
    assert (len(found), len(rejected)) == (2, 0)
    assert set(found.frame["fact:format"]) == {"DICOM"}


def test_folders_of_a_published_split_are_one(place):
    catalog = read([f"{place({f'{part}/{name}': told for part in ('train', 'test') for name, told in TWO.items()})}?label=folder&positive=ill"])
    assert catalog.frame["split"].value_counts().to_dict() == {"train": 2, "test": 2}


def test_an_element_of_the_header_is_the_label(place):
    catalog = read([f"{place(TWO)}?label=Modality&merge=film:CR;digital:DX&positive=film"])
    assert catalog.frame["modality"].tolist() == ["film", "digital"]
    assert list(catalog.targets) == ["modality"]


EXPORT = {
    "s1/IM1": {"PatientID": "007", "AccessionNumber": "A1", "StudyInstanceUID": "1.2.1", "SOPInstanceUID": "1.2.1.1"},
    "s1/IM2": {"PatientID": "007", "AccessionNumber": "A1", "StudyInstanceUID": "1.2.1", "SOPInstanceUID": "1.2.1.2"},
    "s2/IM1": {"PatientID": "8", "AccessionNumber": "A2", "StudyInstanceUID": "1.2.2", "SOPInstanceUID": "1.2.2.1"},
}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["A1", "A2"], ["ill", "ill", "well"]),
        (["007", "8"], ["ill", "ill", "well"]),
        (["1.2.1", "1.2.2"], ["ill", "ill", "well"]),
        (["1.2.1.2", "1.2.2.1"], [None, "ill", "well"]),
        (["./s1/IM1", "s2\\IM1"], ["ill", None, "well"]),
        (["IM2", "A2"], [None, "ill", None]),
    ],
)
def test_a_table_labels_by_whatever_id_most_images_match(place, tmp_path, keys, expected):
    source = place(EXPORT)
    pd.DataFrame({"id": [*keys, "nobody"], "finding": ["ill", "well", "ill"]}).to_csv(tmp_path / "t.csv", index=False)
    if expected.count("ill") + expected.count("well") < 2:
        with pytest.raises(UserError, match="only the class 'ill'"):
            read([f"{source}?labels={tmp_path / 't.csv'}&label=finding&key=id&positive=ill"])
        return
    catalog = read([f"{source}?labels={tmp_path / 't.csv'}&label=finding&key=id&positive=ill"])
    assert [None if pd.isna(name) else name for name in catalog.frame["finding"]] == expected


@pytest.mark.parametrize(
    ("rows", "options", "what", "mend"),
    [
        ([("zzz", "ill")], "label=finding&key=id", "no image has a key of the column 'id'.*SOPInstanceUID.*AccessionNumber.*PatientID", "on=KIND"),
        ([("A1", "ill")], "label=finding&key=id&on=PatientID", r"tried PatientID\)", "key=COLUMN"),
        ([("A1", "ill"), ("A2", "ill"), ("A1", "well")], "label=finding&key=id", r"one key has two labels \(row 4", "finer key"),
        ([("A1", "ill")], "label=fnding&key=id", "no column 'fnding'", "finding"),
        ([("A1", "ill")], "label=finding&key=idd", "no column 'idd'", "key=COLUMN"),
        ([("A1", "ill")], "label=finding", "go together", "mend"),
    ],
)
def test_a_table_that_cannot_label_says_what_was_tried(place, tmp_path, rows, options, what, mend):
    pd.DataFrame(rows, columns=["id", "finding"]).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(UserError, match=what) as fault:
        read([f"{place(EXPORT)}?labels={tmp_path / 't.csv'}&{options}"])
    assert mend in fault.value.mend
    assert "A1" not in str(fault.value)
