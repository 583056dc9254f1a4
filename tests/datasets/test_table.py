import os

import numpy as np
import pandas as pd
import pytest

from overread.datasets.base import read
from overread.errors import UserError


@pytest.fixture
def write(tmp_path):
    """Write a table of four rows under a name, with these columns more; returns the source."""

    def make(name="m.csv", options="", **columns):
        table = pd.DataFrame({"image": [f"films/ä {i}.png" for i in range(4)], "label": ["sick", "normal"] * 2} | columns)
        path = tmp_path / name
        if name.endswith(".parquet"):
            table.to_parquet(path)
        elif name.endswith(".xlsx"):
            table.to_excel(path, index=False)
        else:
            table.to_csv(path, index=False, sep="\t" if name.endswith(".tsv") else ",")
        return [f"table:{path}{options}"]

    return make


@pytest.mark.parametrize("name", ["m.csv", "m.tsv", "m.parquet", "m.xlsx", "Tabelle 1.CSV"])
def test_every_kind_of_table_gives_the_same_catalog(write, tmp_path, name):
    catalog = read(write(name, patient=[1.0, 1.0, np.nan, 2.0], age=[3, 50, 40, None], fold=[0, 1, 0, 1]))
    frame = catalog.frame
    assert catalog.targets["label"].positive == "sick"
    assert frame["patient"].tolist() == ["1", "1", "", "2"]
    assert frame["file"][0] == str(tmp_path / "films" / "ä 0.png")
    assert frame["age"].tolist()[:3] == [3, 50, 40] and np.isnan(frame["age"][3])
    assert frame["fold"].tolist() == [0, 1, 0, 1]


def test_columns_are_mapped_and_what_they_displace_is_carried(write):
    source = write(
        options="?label=dx&patient=mrn&site=hospital", dx=["0", "1", "1.0", ""], mrn=list("abca"), hospital="h", site="s", patient="p", row=7
    )
    catalog = read(source)
    assert catalog.targets["dx"].classes == ("0", "1") and catalog.targets["dx"].positive == "1"
    frame = catalog.frame
    assert frame["dx"].isna().tolist() == [False, False, False, True]
    assert (frame["patient"].tolist(), frame["site"][0]) == (list("abca"), "h")
    assert (frame["patient_given"][0], frame["site_given"][0], frame["row_given"][0], frame["row"][0]) == ("p", "s", 7, "0")
    assert frame["label"].tolist() == ["sick", "normal"] * 2


def test_a_column_carried_twice_keeps_both_values(write):
    frame = read(write(source="s", source_given="g")).frame
    assert (frame["source"][0], frame["source_given"][0], frame["source_given_given"][0]) == ("m", "g", "s")


def test_one_column_may_serve_two_roles_and_the_target_another_name(write):
    catalog = read(write(options="?patient=id&group=id&target=disease", id=list("aabb"), disease="d"))
    assert catalog.frame["patient"].tolist() == catalog.frame["group"].tolist() == list("aabb")
    assert list(catalog.targets) == ["disease"]
    assert catalog.frame["disease_given"][0] == "d"


def test_covariates_are_declared_by_the_tables_names(write):
    catalog = read(write(options="?covariates=age,source,hospital&site=hospital", age=["3", "", "5", "x"], source="s", hospital="h"))
    assert catalog.covariates == ["age", "source_given", "site"]
    assert catalog.frame["age"].tolist() == ["3", "", "5", "x"]


def test_codes_keep_their_zeros(write):
    assert read(write(code=["007", "12", "13", ""])).frame["code"].tolist() == ["007", "12", "13", ""]


def test_a_published_split_is_read_and_a_strange_part_refused(write):
    assert read(write(split=["Train", "validation", "TEST", ""])).frame["split"].tolist() == ["train", "val", "test", ""]
    with pytest.raises(UserError, match="holdout"):
        read(write(options="?split=part", part=["train", "holdout", "", ""]))


def test_rows_of_one_file_stay_apart_and_absolute_paths_stand(write, tmp_path):
    frame = read(write(image=["a.png", "a.png", "/films/b.png", r"sub\c.png"])).frame
    assert frame["file"].tolist() == [str(tmp_path / "a.png")] * 2 + ["/films/b.png", str(tmp_path / "sub" / "c.png")]
    assert frame["row"].tolist() == ["0", "1", "2", "3"]


def test_a_blank_image_is_left_for_the_scan_to_reject(write):
    assert read(write(image=["a.png", "", "b.png", "c.png"])).frame["file"][1] == ""


def test_semicolons_and_a_byte_order_mark_are_understood(tmp_path):
    (tmp_path / "m.csv").write_text("image;label\na, b.png;sick\nc.png;normal\n", encoding="utf-8-sig")
    assert read([f"table:{tmp_path / 'm.csv'}"]).frame["image"].tolist() == ["a, b.png", "c.png"]


def test_another_sheet_is_read_when_named(tmp_path, write):
    with pd.ExcelWriter(tmp_path / "m.xlsx") as book:
        pd.DataFrame({"notes": ["none"]}).to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"image": ["a", "b"], "label": ["normal", "sick"]}).to_excel(book, sheet_name="films", index=False)
    assert len(read([f"table:{tmp_path / 'm.xlsx'}?sheet=films"])) == 2
    with pytest.raises(UserError, match="no column 'image'"):
        read([f"table:{tmp_path / 'm.xlsx'}"])
    with pytest.raises(UserError, match="sheet"):
        read(write(options="?sheet=films"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("?label=lable", "Did you mean 'label'"),
        ("?image=path", r"\?image=COLUMN"),
        ("?covariates=aeg", "Did you mean 'age'"),
        ("?covariates=label", "is the label"),
        ("?label=age", "only the class"),
        ("?positive=ill", "'ill' is not among"),
    ],
)
def test_a_column_or_class_that_does_not_fit_is_named(write, options, words):
    with pytest.raises(UserError, match=words):
        read(write(options=options, age="30"))


def test_a_column_that_another_role_took_is_asked_for(write):
    with pytest.raises(UserError, match=r"'label' is declared as the site.*\?label=COLUMN"):
        read(write(options="?site=label"))


def test_studies_that_are_numbered_within_the_patient_are_told_apart_and_it_is_said(write):
    numbered, keys = (read(write(patient=list("aabb"), study=list(names))) for names in ("1212", "1234"))

    assert numbered.frame["study"].tolist() == ["a/1", "a/2", "b/1", "b/2"]
    assert numbered.faults == ("Studies of one name would join 2 of 2 patients: they are taken as numbered within the patient.",)
    assert keys.frame["study"].tolist() == list("1234") and not keys.faults


@pytest.mark.parametrize("column", ["label", "image", "patient", "study", "split"])
def test_what_says_who_or_what_a_row_is_cannot_be_a_covariate(write, column):
    with pytest.raises(UserError, match=f"is the {column}"):
        read(write(patient=list("aabb"), study=list("abcd"), split="train", options=f"?covariates={column}"))


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(write):
    with pytest.raises(UserError, match=r"no sheet 'Tab'.*Sheet1"):
        read(write("m.xlsx", "?sheet=Tab"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "cannot be read"),
        ("a.csv", b"image,label\n", "no row"),
        ("a.csv", b"image,label\na,b\nc,d,e\n", "cannot be read"),
        ("a.csv", "image,label\na,\xe4".encode("latin-1"), "UTF-8"),
        ("a.xlsx", b"not a book", "cannot be read"),
        ("a.parquet", b"not parquet", "cannot be read"),
        ("a.doc", b"", "kind '.doc'"),
    ],
)
def test_what_is_no_table_is_an_error(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=words):
        read([f"table:{tmp_path / name}"])


def test_a_missing_table_and_a_folder_are_errors(tmp_path):
    for name, words in (("gone.csv", "no such file"), ("", "a folder, not a file")):
        with pytest.raises(UserError, match=words):
            read([f"table:{tmp_path}/{name}"])


def test_further_targets_stand_behind_the_main_one_each_of_its_own_kind(write):
    options = "?label=dx&positive=b&merge=a:a|c&also=region,grade:ordinal,sex:F, label&covariates=region"
    columns = {"region": ["hand", "leg", "hip", ""], "grade": ["2", "10", "1", "nan"], "sex": list("MFFM"), "dx": list("abca")}
    catalog = read(write(options=options, **columns))

    assert list(catalog.targets) == ["dx", "region", "grade", "sex", "label"] and catalog.covariates == ["region"]
    assert [target.kind for target in catalog.targets.values()] == ["binary", "multiclass", "ordinal", "binary", "binary"]
    assert catalog.targets["grade"].classes == ("1", "2", "10") and catalog.targets["sex"].positive == "F"
    assert catalog.frame["dx"].tolist() == list("abaa")
    assert catalog.frame["region"].isna().tolist() == catalog.frame["grade"].isna().tolist() == [False, False, False, True]


def test_sources_with_further_targets_are_joined(write):
    region = {"a.csv": ["hand", "leg", "hip", "leg"], "b.csv": ["hand", "foot", "", "leg"]}
    both = read([source for name, column in region.items() for source in write(name, "?also=region", region=column)])
    assert both.targets["region"].classes == ("foot", "hand", "hip", "leg") and len(both) == 8
    with pytest.raises(UserError, match="different targets"):
        read([*write("a.csv", "?also=region", region=region["a.csv"]), *write("c.csv")])


@pytest.mark.parametrize(
    ("also", "words"),
    [
        ("sexe:F", "Did you mean 'sex'"),
        ("label", "'label' is asked twice"),
        ("dx", "'dx' is asked twice"),
        ("sex:F,sex:M", "'sex' is asked twice"),
        ("site", "cannot be named 'site'"),
        ("sex", r"which of 'F' and 'M'.*\?also=sex:CLASS"),
        ("sex:X", "'X' is not among"),
        ("one", "only the class"),
    ],
)
def test_a_further_target_that_cannot_be_is_named(write, also, words):
    with pytest.raises(UserError, match=words):
        read(write(options=f"?target=dx&also={also}", sex=list("MFFM"), dx=list("abab"), site="s", one="1"))


@pytest.mark.data
@pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")
@pytest.mark.parametrize(
    ("name", "rows", "files", "classes"),
    [("fracture_multiregion", 9626, 3691, 2), ("fracatlas", 2344, 2344, 2), ("fundus_4class", 1384, 1384, 4), ("ham10000_200x150", 2164, 2164, 7)],
)
def test_real_manifests_have_the_rows_and_files_they_are_described_with(name, rows, files, classes):
    catalog = read([f"table:{os.environ['OVERREAD_DATA']}/{name}/manifest.csv"])
    assert (len(catalog), catalog.frame["file"].nunique(), len(catalog.targets["label"].classes)) == (rows, files, classes)
