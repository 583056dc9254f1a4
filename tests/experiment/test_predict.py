from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from overread.datasets.base import read
from overread.errors import UserError
from overread.experiment.predict import predict
from overread.run import Run


def test_a_folder_is_predicted_as_the_run_did_and_what_cannot_be_read_says_why(trained, tmp_path):
    result = predict(trained.folder, [str(trained.films)], tmp_path / "p.csv")

    table = pd.read_csv(tmp_path / "p.csv")
    run = Run.open(trained.folder)
    told = run.predictions.merge(run.catalog.frame[["row", "image"]], on="row")
    table["name"] = table["image"].str.rpartition("/")[2]
    both = told.merge(table, left_on="image", right_on="name", suffixes=("", "_again"))
    assert len(both) == len(told)
    assert both["p:label:broken_again"].to_numpy() == pytest.approx(both["p:label:broken"].to_numpy(), abs=1e-4)
    assert (both["decision:label_again"] == both["decision:label"]).mean() > 0.98
    assert table.set_index("name")["reason"].dropna().index.isin(["cut.png", "words.png", "films.csv", "known.csv", "published.csv"]).all()
    assert result.content["predicted"] + result.content["rejected"] == len(table)


def test_an_archive_and_what_lies_inside_files_are_predicted_as_the_files_are(trained, dicom, tmp_path):
    names = ["film 0.png", "film 1.png"]
    draw = np.random.default_rng(0)
    (tmp_path / "two.dcm").write_bytes(dicom(draw.integers(0, 4096, (2, 64, 64)).astype(np.uint16), NumberOfFrames=2))
    with ZipFile(tmp_path / "study.zip", "w") as archive:
        for name in names:
            archive.write(trained.films / name, f"a/{name}")
        archive.writestr("__MACOSX/a/._film 0.png", b"litter")

    given = [str(tmp_path / "study.zip"), f"{tmp_path / 'study.zip'}#a/film 1.png", f"{tmp_path / 'two.dcm'}#frame=2", str(tmp_path / "two.dcm")]
    predict(trained.folder, [str(trained.films / name) for name in names], tmp_path / "plain.csv")
    predict(trained.folder, given, tmp_path / "inside.csv")

    plain, inside = (pd.read_csv(tmp_path / name) for name in ("plain.csv", "inside.csv"))
    assert inside["p:label:broken"][:3].tolist() == pytest.approx([*plain["p:label:broken"], plain["p:label:broken"][1]], abs=1e-4)
    assert inside["p:label:broken"].notna().tolist() == [True, True, True, True, False]
    assert "2 frames" in inside["reason"][4]


def test_a_film_as_8_bits_as_16_and_as_dicom_is_predicted_alike(trained, tmp_path):
    tables = []
    for form in ("png", "png16", "dicom"):
        read([f"phantom:{tmp_path / form}?n=40&size=96&seed=3&format={form}"])
        predict(trained.folder, [str(tmp_path / form / "images")], tmp_path / f"{form}.csv")
        tables.append(pd.read_csv(tmp_path / f"{form}.csv"))

    plain, deep, dicom = (table["p:label:broken"].dropna() for table in tables)
    assert len(plain) == 43  # and three copies; the planted faults cannot be read
    assert plain.nunique() > 30
    assert [len(deep), len(dicom)] == [43, 43]
    assert abs(deep - plain).max() < 1e-3
    assert abs(dicom - plain).max() < 1e-3


def test_nothing_to_predict_is_an_error(trained, tmp_path):
    with pytest.raises(UserError, match="no such file"):
        predict(trained.folder, [str(tmp_path / "nowhere")], tmp_path / "p.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no file"):
        predict(trained.folder, [str(tmp_path / "empty")], tmp_path / "p.csv")


def test_a_table_that_is_there_is_not_written_over_and_one_that_fails_is_not_left_half(trained, tmp_path):
    (tmp_path / "films.csv").write_text("precious")
    with pytest.raises(UserError, match="exists"):
        predict(trained.folder, [str(trained.films)], tmp_path / "films.csv")
    assert (tmp_path / "films.csv").read_text() == "precious"
    with pytest.raises(UserError, match=r"the image cannot be read: its content"):
        predict(trained.folder, [str(trained.films / "words.png")], tmp_path / "p.csv")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["films.csv"]
