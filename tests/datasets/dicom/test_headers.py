from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from pydicom import Dataset

from overread.datasets.base import read
from overread.datasets.dicom.headers import body_parts, describe, read_keywords, snake
from overread.errors import UserError

TWO = {"ill/IM1": {"Modality": "CR", "PatientID": "a"}, "well/deep/IM2": {"Modality": "DX", "PatientID": "b"}}


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


def test_keywords_become_columns_in_small_letters():
    assert [snake(name) for name in ("BodyPartExamined", "KVP", "SOPClassUID", "XRayTubeCurrent")] == [
        "body_part_examined",
        "kvp",
        "sop_class_uid",
        "x_ray_tube_current",
    ]


def test_a_files_part_is_told_wherever_it_lies_and_what_is_no_dicom_says_none(dicom, tmp_path):
    values = np.full((2, 8, 8), 3, np.uint8)
    (tmp_path / "hand.dcm").write_bytes(dicom(values, BodyPartExamined="HAND"))
    (tmp_path / "none.dcm").write_bytes(dicom(values))
    (tmp_path / "film.png").write_bytes(b"no header")
    with ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.writestr("a/wrist.dcm", dicom(values, BodyPartExamined="WRIST"))

    names = ["hand.dcm", "hand.dcm#frame=2", "none.dcm", "film.png", "gone.dcm", "study.zip#a/wrist.dcm", "study.zip#a/wrist.dcm#frame=2"]
    assert body_parts([str(tmp_path / name) for name in names]) == ["HAND", "HAND", "", "", "", "WRIST", "WRIST"]


def test_elements_of_single_files_are_read_in_their_order_and_what_is_no_dicom_says_nothing(place, tmp_path):
    place(TWO)
    (tmp_path / "x" / "letter").write_text("PatientID a")
    files = pd.Series([str(tmp_path / "x" / name) for name in ("well/deep/IM2", "letter", "ill/IM1", "nowhere")], index=[7, 5, 3, 1])
    told = read_keywords(files, ["PatientID", "StudyInstanceUID"])
    assert told.index.tolist() == [7, 5, 3, 1]
    assert told["PatientID"].tolist() == ["b", "", "a", ""]
    assert told["StudyInstanceUID"].tolist() == [""] * 4
