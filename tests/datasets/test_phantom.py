import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from overread.datasets.base import read
from overread.errors import UserError
from overread.imaging import read as imaging
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan


def test_a_set_is_written_once_whole_and_the_same_for_the_same_seed(tmp_path):
    sources = [f"phantom:{tmp_path / name}?n=24&size=32&seed={seed}" for name, seed in (("a", 3), ("b", 3), ("c", 4))]
    first, second, other = (scan(read([source]), Fitting(32), Cache(), 1)[0].frame for source in sources)
    assert first["pixel_sha"].tolist() == second["pixel_sha"].tolist() != other["pixel_sha"].tolist()
    before = (tmp_path / "a" / "manifest.csv").stat().st_mtime_ns
    read(sources[:1])
    assert (tmp_path / "a" / "manifest.csv").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


@pytest.mark.parametrize(("format", "ending"), [("png", "png"), ("png16", "png"), ("dicom", "dcm")])
def test_the_planted_faults_are_found_and_nothing_else(tmp_path, format, ending):
    catalog, rejected = scan(read([f"phantom:{tmp_path / 'x'}?n=24&size=32&format={format}"]), Fitting(32), Cache(), 1)
    assert rejected["image"].tolist() == [f"images/cut-off.{ending}", f"images/letter.{ending}"]
    assert len(catalog) == 27
    twins = catalog.frame[catalog.frame["bytes_sha"].duplicated(keep=False)]
    assert len(twins) == 6 and twins.groupby("bytes_sha")["patient"].nunique().eq(2).all()


def test_keys_label_and_covariates_are_as_described(tmp_path):
    catalog = read([f"phantom:{tmp_path / 'x'}?n=120&size=32"])
    assert catalog.targets["fracture"].classes == ("no fracture", "fracture")
    assert catalog.covariates == ["site", "body_part"]
    patients, studies = catalog.frame.groupby("patient"), catalog.frame.groupby("study")
    assert patients["site"].nunique().eq(1).all() and patients["study"].nunique().max() == 2
    assert studies[["patient", "fracture", "body_part", "laterality", "scanner"]].nunique().eq(1).all(axis=None)
    assert studies["view"].nunique().max() == 3


def test_a_folder_of_something_else_or_other_settings_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("precious")
    with pytest.raises(UserError, match="something else"):
        read([f"phantom:{tmp_path / 'mine'}"])
    read([f"phantom:{tmp_path / 'x'}?n=20&size=32"])
    with pytest.raises(UserError, match="made with"):
        read([f"phantom:{tmp_path / 'x'}?n=20&size=32&subtlety=0.9"])
    with pytest.raises(UserError, match="greater than or equal to 20"):
        read([f"phantom:{tmp_path / 'y'}?n=2"])


def test_without_a_folder_a_set_is_kept_in_the_cache_by_its_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(tmp_path))
    first, other = read(["phantom:?n=20&size=32&seed=1"]), read(["phantom:?n=20&size=32&seed=2"])
    [one, two] = sorted((tmp_path / "phantom").iterdir())
    assert {Path(catalog.frame["file"][0]).parents[1] for catalog in (first, other)} == {one, two}
    assert first.frame["source"].unique().tolist() == ["phantom"]
    made = (one / "manifest.csv").stat().st_mtime_ns
    pd.testing.assert_frame_equal(read(["phantom:?n=20&size=32&seed=1"]).frame, first.frame)
    assert (one / "manifest.csv").stat().st_mtime_ns == made


def test_the_mura_layout_is_the_official_one_read_by_its_own_reader_with_the_truth_beside(tmp_path):
    mura, table = (read([f"phantom:{tmp_path / layout}?n=60&size=48&layout={layout}&name=x"]) for layout in ("mura", "table"))
    official = read([f"mura:{tmp_path / 'mura'}?name=x"])
    assert (mura.targets, mura.covariates) == (official.targets, ["body_part", "views", "site"])
    same = official.frame.columns.drop("site")
    pd.testing.assert_frame_equal(mura.frame[same], official.frame[same])
    truth = ["body_part", "view", "marker", "site", "kind"]
    assert sorted(map(tuple, mura.frame[truth].to_numpy())) == sorted(map(tuple, table.frame[truth].to_numpy()))
    assert (mura.frame["abnormal"].eq("positive") == mura.frame["mask"].ne("")).all()
    root, patients = tmp_path / "mura", []
    for part in ("train", "valid"):
        films = pd.read_csv(root / f"MURA-v1.1/{part}_image_paths.csv", header=None)[0]
        studies = pd.read_csv(root / f"MURA-v1.1/{part}_labeled_studies.csv", header=None)
        assert films.str.fullmatch(rf"MURA-v1\.1/{part}/XR_[A-Z]+/patient\d{{5}}/study\d_(positive|negative)/image\d\.png").all()
        assert films.map(lambda path: (root / path).is_file()).all() and films.is_unique
        assert set(studies[0]) == set(films.str.rpartition("/")[0] + "/")
        assert (studies[0].str.endswith("positive/") == studies[1]).all()
        patients.append(set(films.str.split("/").str[3]))
    assert not patients[0] & patients[1] and all(patients)


def test_films_of_the_mura_layout_are_of_mixed_size_and_mode_whatever_their_label(tmp_path):
    catalog, _ = scan(read([f"phantom:{tmp_path / 'x'}?n=120&size=48&layout=mura"]), Fitting(32), Cache(), 1)
    frame = catalog.frame
    longest, colour = frame[["fact:width", "fact:height"]].max(axis=1), frame["fact:mode"] == "RGB"
    assert set(frame["fact:mode"]) == {"L", "RGB"} and (longest.min(), longest.max()) == (29, 48) and (longest % 2 == 1).any()
    positive = frame["abnormal"] == "positive"
    assert abs(colour[positive].mean() - colour[~positive].mean()) < 0.2
    mask = frame.loc[positive, "mask"].iloc[0]
    assert cv2.imread(mask, cv2.IMREAD_UNCHANGED).shape == tuple(frame.loc[positive, ["fact:height", "fact:width"]].iloc[0])


def test_neither_a_thumbnail_nor_the_file_gives_the_label_away(tmp_path):
    frame = read([f"phantom:{tmp_path / 'x'}?n=240&size=48"]).frame.iloc[:240]
    thumbs = np.stack([cv2.resize(imaging.read(file), (8, 8), interpolation=cv2.INTER_AREA).ravel() for file in frame["file"]]) / 255
    weight = np.array([[Path(file).stat().st_size] for file in frame["file"]]) / 1000
    for seen in (thumbs, weight):
        assert 0.35 < grouped_auroc(seen, frame) < 0.62


def grouped_auroc(seen, frame):
    truth = frame["fracture"] == "fracture"
    scores = cross_val_predict(LogisticRegression(C=0.1), seen, truth, groups=frame["patient"], cv=GroupKFold(5), method="predict_proba")
    return roc_auc_score(truth, scores[:, 1])


def test_a_set_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match="No space left"):
        read([f"phantom:{tmp_path / 'x'}?n=20&size=32"])
    monkeypatch.undo()
    assert not any(tmp_path.iterdir())


def test_a_set_is_whole_wherever_it_is_moved(tmp_path):
    before = read([f"phantom:{tmp_path / 'x'}?n=20&size=32"]).frame
    shutil.move(tmp_path / "x", tmp_path / "y")
    after = read([f"phantom:{tmp_path / 'y'}?n=20&size=32"]).frame
    assert after["mask"].tolist() == [mask.replace("/x/", "/y/") for mask in before["mask"]]


def test_odds_asked_of_the_source_reach_the_films(tmp_path):
    frame = read([f"phantom:{tmp_path / 'x'}?n=250&size=32&marker=30&prevalence=0.3"]).frame
    broken, marked = frame["fracture"] == "fracture", frame["marker"] != ""
    assert broken.mean() == pytest.approx(0.3, abs=0.1)
    odds = [marked[group].mean() / (1 - marked[group].mean()) for group in (broken, ~broken)]
    assert 10 < odds[0] / odds[1] < 100
    assert abs(pd.crosstab(frame["border"], broken, normalize="columns").diff(axis=1).iloc[0, 1]) < 0.2
