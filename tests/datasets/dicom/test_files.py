import os
import zipfile
from pathlib import Path

import pytest
from pydicom.uid import MediaStorageDirectoryStorage

from overread.datasets.base import read
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan

TWO = {"ill/IM1": {"Modality": "CR", "PatientID": "a"}, "well/deep/IM2": {"Modality": "DX", "PatientID": "b"}}


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
