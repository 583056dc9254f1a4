import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from overread.datasets.base import read
from overread.datasets.phantom.draw import SITES, Bone, film
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan


def test_a_set_is_written_once_whole_and_the_same_for_the_same_seed(tmp_path):
    sources = [f"phantom:{tmp_path / name}?n=24&size=32&seed={seed}" for name, seed in (("a", 3), ("b", 3), ("c", 4))]
    first, second, other = (scan(read([source]), Fitting(32), Cache(), 1)[0].frame for source in sources)
    assert first["pixel_sha"].tolist() == second["pixel_sha"].tolist() != other["pixel_sha"].tolist()
    before = (tmp_path / "a" / "manifest.csv").stat().st_mtime_ns
    read(sources[:1])
    assert (tmp_path / "a" / "manifest.csv").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_the_planted_faults_are_found_and_nothing_else(tmp_path):
    catalog, rejected = scan(read([f"phantom:{tmp_path / 'x'}?n=24&size=32"]), Fitting(32), Cache(), 1)
    assert rejected["image"].tolist() == ["images/cut-off.png", "images/letter.png"]
    assert len(catalog) == 27
    twins = catalog.frame[catalog.frame["bytes_sha"].duplicated(keep=False)]
    assert len(twins) == 6 and twins.groupby("bytes_sha")["patient"].nunique().eq(2).all()


def test_keys_label_and_site_are_as_described(tmp_path):
    catalog = read([f"phantom:{tmp_path / 'x'}?n=200&size=32"])
    assert catalog.targets["fracture"].classes == ("no fracture", "fracture")
    assert catalog.covariates == ["site"]
    patients = catalog.frame.groupby("patient")
    assert patients[["fracture", "site"]].nunique().eq(1).all(axis=None)
    assert patients.size().max() == 3 and patients["study"].nunique().max() == 2


def test_a_folder_of_something_else_or_other_settings_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("precious")
    with pytest.raises(UserError, match="something else"):
        read([f"phantom:{tmp_path / 'mine'}"])
    read([f"phantom:{tmp_path / 'x'}?n=20&size=32"])
    with pytest.raises(UserError, match="made with"):
        read([f"phantom:{tmp_path / 'x'}?n=21&size=32"])
    with pytest.raises(UserError, match="greater than or equal to 20"):
        read([f"phantom:{tmp_path / 'y'}?n=2"])


def test_a_break_is_drawn_only_where_there_is_one():
    for number in range(8):
        bone = Bone.drawn(np.random.default_rng(number))
        whole, broken = (film(bone, state, "harbour", 96, np.random.default_rng(0)) for state in (False, True))
        assert whole.shape == broken.shape == (96, 96)
        assert not np.array_equal(whole, broken)


def test_a_thumbnail_does_not_give_the_label_away(tmp_path):
    frame = read([f"phantom:{tmp_path / 'x'}?n=300&size=64"]).frame.iloc[:300]
    thumbs = np.stack([cv2.resize(picture, (8, 8), interpolation=cv2.INTER_AREA)[..., 0].ravel() for picture in pictures(frame)]) / 255
    truth = frame["fracture"] == "fracture"
    scores = cross_val_predict(LogisticRegression(), thumbs, truth, groups=frame["patient"], cv=GroupKFold(5), method="predict_proba")
    assert roc_auc_score(truth, scores[:, 1]) < 0.65


def test_sites_expose_differently_and_do_not_follow_the_label(tmp_path):
    frame = read([f"phantom:{tmp_path / 'x'}?n=400&size=32"]).frame.iloc[:400]
    light = np.array([picture.mean() for picture in pictures(frame)])
    means = [light[frame["site"] == site].mean() for site in SITES]
    assert np.ptp(means) > 20
    share = frame.drop_duplicates("patient").groupby("site")["fracture"].agg(lambda labels: (labels == "fracture").mean())
    assert np.ptp(share) < 0.3


def pictures(frame):
    return Pictures(frame.assign(bytes_sha=[hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in frame["file"]]), Fitting(32), Cache())
