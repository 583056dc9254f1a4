import xml.etree.ElementTree as xml

import numpy as np
import pytest

from overread.catalog import Target
from overread.evaluation.figures.draw import draw
from overread.evaluation.figures.panels import confusion, net_benefit, training_curves

FOUR = Target("multiclass", ("glioma", "meningioma", "normal", "pituitary"))


def words(path):
    return " ".join("".join(text.itertext()) for text in xml.parse(path).iter("{http://www.w3.org/2000/svg}text"))


def test_a_binary_target_gets_six_pictures_in_the_terms_of_the_field(study, tmp_path):
    some = study()
    drawn = draw(some.predictions, "dx", some.target, some.decision, some.clusters, tmp_path)

    assert [one["file"] for one in drawn] == [
        f"{tmp_path.name}/dx-{stem}.svg" for stem in ("confusion", "roc", "precision-recall", "reliability", "threshold", "decision-curve")
    ]
    assert all(one["title"] and one["caption"] for one in drawn)
    assert "1 − specificity" in words(tmp_path / "dx-roc.svg") and "AUROC 0." in words(tmp_path / "dx-roc.svg")
    assert f"{some.decision.threshold:.2f}" in words(tmp_path / "dx-threshold.svg")
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 60_000


def test_several_classes_share_a_roc_and_have_no_threshold(study, tmp_path):
    some = study(FOUR)
    drawn = draw(some.predictions, "dx", some.target, some.decision, some.clusters, tmp_path)

    assert [one["title"] for one in drawn] == ["Confusion matrix", "ROC curves", "Precision and sensitivity", "Reliability"]
    assert all(label in words(tmp_path / "dx-roc.svg") for label in FOUR.classes)
    counts = some.predictions["truth:dx"].value_counts()
    assert f"the rarest, {counts.idxmin()}, has {counts.min()} of the {counts.sum()} images." in drawn[1]["caption"]


def test_a_picture_is_the_same_bytes_every_time_and_reaches_outside_for_nothing(study, tmp_path):
    some = study()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        draw(some.predictions, "dx", some.target, some.decision, some.clusters, tmp_path / folder)

    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
        assert 'href="http' not in path.read_text(encoding="utf-8")


def test_one_class_in_the_truth_leaves_the_confusion_matrix_alone(study, tmp_path):
    some = study()
    ill = some.predictions[some.predictions["truth:dx"] == "ill"]

    assert [one["title"] for one in draw(ill, "dx", some.target, None, some.clusters, tmp_path)] == ["Confusion matrix"]


def test_the_confusion_matrix_says_its_counts(tmp_path):
    confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), ("no", "yes"), tmp_path / "c.svg")

    assert {"2", "67%", "1", "33%", "100%"} <= set(words(tmp_path / "c.svg").split())


def test_net_benefit_is_vickers_and_elkins():
    truth, score = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.4, 0.6, 0.2, 0.1])
    at = np.array([0.0, 0.3, 0.5])

    assert net_benefit(truth, score, at) == pytest.approx([0.4, 2 / 5 - 1 / 5 * 3 / 7, 1 / 5 - 1 / 5])
    assert net_benefit(truth, np.ones(5), at)[2] == pytest.approx(0.4 - 0.6)


def test_training_curves_are_drawn_from_the_log_with_and_without_folds(tmp_path):
    log = [{"event": "start"}, *({"epoch": i, "phase": int(i > 2), "train_loss": 1 / (i + 1), "val_loss": 0.5, "val_auroc": 0.7} for i in range(6))]
    training_curves(log, tmp_path / "one.svg")
    training_curves([{**line, "fold": fold, "repeat": 0} for line in log[1:] for fold in (0, 1)], tmp_path / "folds.svg")

    assert "auroc" in words(tmp_path / "one.svg") and "epoch" in words(tmp_path / "folds.svg")


def test_class_names_are_drawn_as_they_are_written(study, tmp_path, recwarn):
    odd = Target("multiclass", ("$\\frac{", "<script>", "日本", "_x"))
    draw(study(odd).predictions, "dx", odd, None, study(odd).clusters, tmp_path)

    assert all(label in words(tmp_path / "dx-confusion.svg") for label in odd.classes)
    assert not any("<script" in path.read_text() for path in tmp_path.iterdir())
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_training_of_one_epoch_shows_its_points(tmp_path):
    training_curves([{"epoch": 1, "phase": 1, "train_loss": 0.5, "val_loss": 0.6, "val_auroc": 0.7}], tmp_path / "one.svg")
    marks = [use for use in xml.parse(tmp_path / "one.svg").iter("{http://www.w3.org/2000/svg}g") if "line2d" in (use.get("id") or "")]
    assert any(mark.find(".//{http://www.w3.org/2000/svg}use") is not None for mark in marks)
