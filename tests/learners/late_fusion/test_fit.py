import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from overread.catalog import Target
from overread.errors import UserError
from overread.learners.base import load
from overread.learners.late_fusion.together import Together
from overread.progress import shown
from overread.recipe import check


def auroc(frame, data) -> float:
    return roc_auc_score(data.frame["label"] == "broken", frame["raw:label:broken"])


def test_both_tell_more_than_each_alone_and_the_log_says_so(beside, fusing, fused):
    data = beside(200)
    model, log = fused(data, fusing(columns=["age"], text=["report"]))
    test = data.part("test")

    told = log[-1]["val_auroc"]

    assert log[-1]["event"] == "fusion" and set(told) == {"image", "table", "both"} and told == model.areas
    assert told["table"] > 0.7
    assert auroc(model.predict(test), test) >= auroc(model.image.predict(test), test)


def test_a_table_that_says_nothing_does_not_spoil_the_image(beside, fusing, fused):
    data = beside()
    model, _ = fused(data, fusing(columns=["noise", "ward"]))
    test = data.part("test")

    assert auroc(model.predict(test), test) > auroc(model.image.predict(test), test) - 0.05


def test_an_answer_that_is_not_heard_is_said(beside, fusing, fused, capsys, monkeypatch):
    monkeypatch.setattr("overread.learners.late_fusion.fit.combine", lambda image, table, truth: Together(1.0, 0.0, (0.0, 0.0)))
    with shown():
        fused(beside(60), fusing(columns=["noise"]))

    told = capsys.readouterr().err
    assert "the table says nothing of the validation rows that would help" in told
    assert "the image says nothing" not in told


def test_test_rows_are_never_looked_at_and_unlabelled_ones_take_no_part(beside, fusing, fused):
    data, told = beside(), fusing(columns=["age"], text=["report"])
    frame = data.frame.copy()
    frame.loc[frame["split"] == "test", ["age", "report", "label"]] = ["0", "painful", None]
    frame.loc[frame.index[:2], "label"] = None
    part = data.part("test")

    one = fused(data.replace(frame), told)[0].predict(part)
    other = fused(data.replace(frame[frame["split"] != "test"].assign(age=lambda rows: rows["age"].where(rows["label"].notna(), "1e9"))), told)[
        0
    ].predict(part)

    np.testing.assert_array_equal(one.iloc[:, 1:], other.iloc[:, 1:])


def test_it_predicts_the_same_after_saving_and_keeps_tensors_and_json_alone(beside, fusing, fused, tmp_path):
    data = beside()
    model, _ = fused(data, fusing(columns=["age", "ward"], text=["report"]))
    model.save(tmp_path / "model")

    again = load(tmp_path / "model")

    part = data.part("test")
    np.testing.assert_array_equal(again.predict(part).iloc[:, 1:], model.predict(part).iloc[:, 1:])
    np.testing.assert_array_equal(again.features(part), model.features(part))
    assert (again.areas, again.rows, again.weights, again.fitting) == (model.areas, model.rows, model.weights, model.fitting)
    assert {path.suffix for path in (tmp_path / "model").rglob("*") if path.is_file()} == {".json", ".safetensors"}
    assert "validation AUROC" in json.loads((tmp_path / "model" / "model.json").read_text())


def test_features_are_the_images_and_the_tables_answer(beside, fusing, fused):
    data = beside()
    model, _ = fused(data, fusing(columns=["age"]))

    features = model.features(data)

    assert features.dtype == np.float32 and features.shape == (len(data), model.image.features(data).shape[1] + 2)


def test_the_network_is_the_image_parts_and_so_is_the_runtime(beside, fusing, fused):
    data = beside()
    model, _ = fused(data, fusing(columns=["age"]))
    model.runtime = model.runtime.model_copy(update={"threads": 2})

    assert model.networks() == model.image.networks()
    assert model.speakers(model.predict(data)) == {"label": ["classifier"] * len(data)}
    assert model.image.runtime.threads == 2


def test_a_new_image_may_lack_a_value_but_not_the_column(beside, fusing, fused):
    data = beside()
    model, _ = fused(data, fusing(columns=["age"], text=["report"]))
    blank = data.replace(data.frame.assign(age="", report=None))

    assert np.isfinite(model.predict(blank).iloc[:, 1:].to_numpy()).all()
    with pytest.raises(UserError, match=r"reads age, report beside the image; there is no column 'age'"):
        model.predict(data.replace(data.frame.drop(columns="age")))


def test_three_classes_are_fused_too(beside, fusing, fused):
    data = beside()
    labels = data.frame["label"].mask((data.frame["site"] == "a"), "elsewhere")
    three = replace(
        data,
        frame=data.frame.assign(label=labels, place=data.frame["site"]),
        targets={"label": Target("multiclass", ("broken", "elsewhere", "not broken"))},
    )

    model, _ = fused(three, fusing(columns=["place", "age"]))

    found = model.predict(three.part("test"))
    assert list(found) == ["row", "raw:label:broken", "raw:label:elsewhere", "raw:label:not broken"]
    elsewhere = three.part("test").frame["label"] == "elsewhere"
    assert ((found["raw:label:elsewhere"] > found[["raw:label:broken", "raw:label:not broken"]].max(axis=1)) == elsewhere).mean() > 0.9


@pytest.mark.parametrize("file", ["model.safetensors", "table.json", "model.json", "image/model.json"])
def test_a_damaged_model_is_a_users_error(beside, fusing, fused, tmp_path, file):
    fused(beside(60), fusing(columns=["noise"]))[0].save(tmp_path / "model")
    path = tmp_path / "model" / file
    path.write_bytes(path.read_bytes()[:40])

    with pytest.raises(UserError):
        load(tmp_path / "model")


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        ({}, "learner.text: name what stands beside the image"),
        ({"columns": ["age"], "text": ["age"]}, "named twice"),
        ({"columns": ["age"], "image": {"kind": "late-fusion"}}, "a learner of its own"),
        ({"columns": ["age"], "image": {"kind": "finetune", "augmnt": "none"}}, "unknown key 'learner.augmnt'"),
        ({"columns": ["age"], "image": {"kind": "finetun"}}, "unknown name 'finetun'"),
    ],
)
def test_options_that_make_no_sense_are_refused(learner, said):
    with pytest.raises(UserError, match=said):
        check({"learner": {"kind": "late-fusion", "image": {"kind": "finetune"}, **learner}}, "test")
