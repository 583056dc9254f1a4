import os
import stat
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydicom import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from overread.datasets.base import read
from overread.datasets.dicom.headers import describe, snake
from overread.datasets.dicom.ids import salt
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan

PERSON = {"PatientName": "Doe^Jane", "PatientID": "4711", "InstitutionName": "Saint Elsewhere", "StudyInstanceUID": "1.2.3"}


@pytest.fixture
def place(tmp_path, dicom):
    """Write DICOM files below x/: path to its elements; returns the source up to its options."""

    def write(files: dict[str, dict], frames: int = 0) -> str:
        for number, (name, told) in enumerate(files.items()):
            path = tmp_path / "x" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            values = np.random.default_rng([number, frames]).integers(0, 256, (frames, 8, 8) if frames else (8, 8)).astype(np.uint8)
            path.write_bytes(dicom(values, **told))
        return f"dicom:{tmp_path / 'x'}"

    return write


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


def test_ids_are_hashed_under_a_key_and_no_name_is_kept(place, monkeypatch):
    source = place({"ill/1": PERSON, "ill/2": PERSON, "well/3": {**PERSON, "PatientID": ""}}) + "?label=folder&positive=ill"
    frame = read([source]).frame
    assert "Doe" not in frame.to_csv() and "4711" not in frame.to_csv() and "Elsewhere" not in frame.to_csv()
    assert frame["patient"].tolist() == [frame["patient"][0], frame["patient"][0], ""]
    assert frame["study"].nunique() == frame["site"].nunique() == 1 and len(frame["site"][0]) == 16
    assert frame["patient"].tolist() == read([source]).frame["patient"].tolist()
    monkeypatch.setenv("OVERREAD_SALT", "another")
    assert frame["patient"][0] != read([source]).frame["patient"][0]


def test_ids_stay_plain_on_demand_and_names_even_then_are_not_kept(place):
    frame = read([f"{place({'ill/1': PERSON, 'well/2': PERSON})}?label=folder&positive=ill&ids=plain"]).frame
    assert frame[["patient", "study", "site"]].iloc[0].tolist() == ["4711", "1.2.3", "Saint Elsewhere"]
    assert "Doe" not in frame.to_csv()


def test_the_key_is_made_once_for_this_user_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("OVERREAD_SALT")
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    first = salt()
    assert salt() == first and len(first) == 64
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("")
    with pytest.raises(UserError, match="damaged"):
        salt()


@pytest.mark.skipif(os.name == "nt", reason="a folder's permissions")
def test_a_key_that_cannot_be_kept_is_an_error_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.delenv("OVERREAD_SALT")
    for name in ("XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be kept") as fault:
        salt()
    assert "OVERREAD_SALT" in fault.value.mend


def test_acquisition_is_carried_and_what_is_declared_is_a_covariate(place):
    told = {"KVP": "55.0", "Exposure": "3", "Manufacturer": "Acme", "ImagerPixelSpacing": [0.2, 0.1], "PatientAge": "093Y", "StudyDate": "20190307"}
    source = place({"ill/1": told | {"ViewPosition": "AP", "ImageLaterality": "L", "BodyPartExamined": "HAND"}, "well/2": {}})
    catalog = read([f"{source}?label=folder&positive=ill&covariates=kvp,manufacturer,site"])
    assert catalog.covariates == ["kvp", "manufacturer", "site"]
    first, second = catalog.frame.iloc[0], catalog.frame.iloc[1]
    assert first[["view", "laterality", "body_part", "manufacturer", "year"]].tolist() == ["AP", "L", "HAND", "Acme", "2019"]
    assert first[["kvp", "exposure", "pixel_spacing", "age"]].tolist() == [55, 3, 0.2, 90]
    assert second["view"] == "" and np.isnan(second["kvp"])


@pytest.mark.parametrize("name", ["patient", "study", "series", "label", "image", "kpv", "row", "file"])
def test_who_it_is_and_what_it_is_are_no_covariates(place, name):
    with pytest.raises(UserError, match="covariate"):
        read([f"{place(TWO)}?label=folder&positive=ill&covariates={name}"])


def test_views_are_told_by_codes_where_no_word_is_there():
    code, header = Dataset(), Dataset()
    code.CodeMeaning = "cranio-caudal"
    header.ViewCodeSequence = header.AnatomicRegionSequence = [code]
    header.Laterality = "R"
    assert [describe(header)[name] for name in ("view", "body_part", "laterality")] == ["cranio-caudal", "cranio-caudal", "R"]
    header.ViewPosition = "CC"
    assert describe(header)["view"] == "CC"


def test_functional_groups_and_codes_are_read_from_a_file_as_elements_at_its_top_are(place):
    code, part, side, spacing, group = (Dataset() for _ in range(5))
    code.CodeMeaning, part.CodeMeaning = "cranio-caudal", "Breast"
    side.FrameLaterality, side.AnatomicRegionSequence = "L", [part]
    spacing.PixelSpacing = [0.07, 0.07]
    group.FrameAnatomySequence, group.PixelMeasuresSequence = [side], [spacing]
    source = place({"ill/1": {"ViewCodeSequence": [code], "SharedFunctionalGroupsSequence": [group]}, "well/2": {}})
    row = read([f"{source}?label=folder&positive=ill"]).frame.iloc[0]
    assert row[["view", "laterality", "body_part", "pixel_spacing"]].tolist() == ["cranio-caudal", "L", "Breast", 0.07]


@pytest.mark.parametrize(("told", "years"), [("045Y", 45), ("018M", 1.5), ("026W", 0.5), ("073D", 0.2), ("", None), ("old", None), ("101Y", 90)])
def test_ages_are_years_and_the_oldest_are_not_told_apart(told, years):
    header = Dataset()
    header.add_new("PatientAge", "LO", told)
    age = describe(header)["age"]
    assert np.isnan(age) if years is None else age == years


def test_free_text_is_read_only_where_it_is_asked_for(place):
    source = place({"ill/1": {"StudyDescription": "Fracture?", "SeriesNumber": 3}, "well/2": {"StudyDescription": "Routine", "SeriesNumber": 4}})
    assert "Fracture" not in read([f"{source}?label=folder&positive=ill"]).frame.to_csv()
    frame = read([f"{source}?label=folder&positive=ill&tags=StudyDescription,SeriesNumber"]).frame
    assert frame["study_description"].tolist() == ["Fracture?", "Routine"]
    assert frame["series_number"].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ("label=folder&tags=PatientName", "a person's name"),
        ("label=ReferringPhysicianName", "a person's name"),
        ("label=folder&tags=StudyDescripton", "no element 'StudyDescripton'"),
        ("label=folder&tags=PixelData", "holds no words"),
        ("label=Fracture", "no element 'Fracture'"),
        ("", "what the label is is not said"),
        ("label=folder&frames=0", "frames"),
    ],
)
def test_an_element_that_is_not_there_or_not_to_be_read_is_an_error(place, options, what):
    with pytest.raises(UserError, match=what):
        read([f"{place(TWO)}?{options}"])


@pytest.mark.parametrize(("keyword", "mend"), [("BodyPartExamind", "did you mean 'BodyPartExamined'"), ("Qqqqqq", "PS3.6")])
def test_of_the_thousands_of_keywords_only_the_near_ones_are_offered(place, keyword, mend):
    with pytest.raises(UserError) as refusal:
        read([f"{place(TWO)}?label={keyword}"])
    assert mend in refusal.value.mend and len(refusal.value.mend) < 200


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("each", ["#frame=1", "#frame=2", "#frame=3", ""]),
        ("first", ["#frame=1", ""]),
        ("middle", ["#frame=2", ""]),
        ("3", ["#frame=3", ""]),
    ],
)
def test_frames_are_chosen_or_a_row_each(place, chosen, expected):
    place({"ill/many": {"PatientID": "a"}}, frames=3)
    source = place({"well/one": {"PatientID": "b"}})
    catalog = read([f"{source}?label=folder&positive=ill&frames={chosen}"])
    assert [image.removeprefix("ill/many").removeprefix("well/one") for image in catalog.frame["image"]] == expected
    found, rejected = scan(catalog, Fitting(16), Cache(), 1)
    assert rejected.empty and found.frame["pixel_sha"].nunique() == found.frame["bytes_sha"].nunique() == len(expected)


def test_frames_nobody_chose_are_rejected_with_the_way_to_choose(place):
    place({"ill/many": {}}, frames=3)
    _, rejected = scan(read([f"{place({'well/one': {}})}?label=folder&positive=ill"]), Fitting(16), Cache(), 1)
    assert rejected["image"].tolist() == ["ill/many"]
    assert "3 frames" in rejected["reason"][0] and "frames=each" in rejected["reason"][0]


def test_what_claims_to_be_dicom_and_is_not_is_a_row_that_is_rejected_and_a_directory_is_none(place, tmp_path):
    source = place({**TWO, "DICOMDIR": {"SOPClassUID": MediaStorageDirectoryStorage}, "ill/report": {"PixelData": None, "Rows": None}})
    (tmp_path / "x" / "ill" / "torn.DCM").write_bytes(b"torn")
    catalog = read([f"{source}?label=folder&positive=ill"])
    assert catalog.frame["image"].tolist() == ["ill/IM1", "ill/report", "ill/torn.DCM", "well/deep/IM2"]
    _, rejected = scan(catalog, Fitting(16), Cache(), 1)
    assert rejected["image"].tolist() == ["ill/report", "ill/torn.DCM"]
    assert rejected["reason"][0] == "a DICOM file without pixels (Secondary Capture Image)"


def packed(tmp_path: Path, names: dict[str, str] | None = None) -> str:
    """x/ as x.zip; `names` renames members."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for path in sorted((tmp_path / "x").rglob("*")):
            if path.is_file():
                name = path.relative_to(tmp_path / "x").as_posix()
                archive.write(path, (names or {}).get(name, name))
    return f"dicom:{tmp_path / 'x.zip'}"


def test_an_archive_is_read_as_its_folder_would_be_and_nothing_is_unpacked(place, tmp_path):
    options = "?label=folder&positive=ill&name=x"
    folder = read([place(TWO) + options])
    before = sorted(tmp_path.rglob("*"))
    archive = read([packed(tmp_path) + options])
    assert archive.frame.drop(columns="file").equals(folder.frame.drop(columns="file"))
    assert (
        scan(archive, Fitting(16), Cache(), 1)[0].frame["pixel_sha"].tolist() == scan(folder, Fitting(16), Cache(), 1)[0].frame["pixel_sha"].tolist()
    )
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "x.zip"])


def test_a_member_that_escapes_its_archive_is_rejected_and_the_others_are_read(place, tmp_path):
    place({**TWO, "ill/bad.dcm": {}})
    catalog = read([packed(tmp_path, {"ill/bad.dcm": "ill/../../bad.dcm"}) + "?label=Modality&positive=CR"])
    _, rejected = scan(catalog, Fitting(16), Cache(), 1)
    assert rejected["reason"].tolist() == ["the archive's member points outside its archive"]
    assert len(catalog) == 3
    by_folder = read([packed(tmp_path, {"ill/bad.dcm": "../bad/bad.dcm"}) + "?label=folder&positive=ill"])
    assert by_folder.frame["label"].dropna().tolist() == ["ill", "well"]


@pytest.mark.parametrize(
    ("path", "what"), [("gone", "no such folder or archive"), ("a.txt", "neither a folder nor"), ("a.zip", "not a zip"), ("empty", "no DICOM file")]
)
def test_what_holds_no_dicom_is_an_error(tmp_path, path, what):
    (tmp_path / "empty").mkdir()
    for name in ("a.txt", "a.zip", "empty/notes.md"):
        (tmp_path / name).write_text("words")
    with pytest.raises(UserError, match=what):
        read([f"dicom:{tmp_path / path}?label=folder"])


def test_where_no_header_can_be_read_the_first_reason_is_told(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"torn")
    with pytest.raises(UserError, match="none of the 1 DICOM files can be read; the first: its content is not DICOM"):
        read([f"dicom:{tmp_path}?label=folder"])


def test_keywords_become_columns_in_small_letters():
    assert [snake(name) for name in ("BodyPartExamined", "KVP", "SOPClassUID", "XRayTubeCurrent")] == [
        "body_part_examined",
        "kvp",
        "sop_class_uid",
        "x_ray_tube_current",
    ]


@pytest.mark.data
@pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")
def test_the_real_samples_are_a_catalog_without_a_name():
    root = Path(os.environ["OVERREAD_DATA"]) / "dicom_samples"
    frame = read([f"dicom:{root}?label=Modality"]).frame
    assert len(frame) == 25
    assert frame.loc[frame["image"].str.contains("RG3"), ["view", "laterality", "body_part"]].drop_duplicates().to_numpy().tolist() == [
        ["AP", "R", "EXTREMITY"]
    ]
    told = frame.drop(columns=["image", "file"]).to_csv()
    assert not any(word in told for word in ("CompressedSamples", "Citizen", "11RG3", "Mass-Test", "Non-ossifying", "CQ500"))
