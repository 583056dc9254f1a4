"""A run whose head was solved says so, and one that was trained says nothing of strengths."""

import json

import pytest

from overread.evaluation.figures.course import draw_course
from overread.report.folder import Folder
from overread.report.solved import solved

STRENGTHS = [{"event": "strength", "strength": s, "held_out_loss": loss, "chosen": loss == 0.4} for s, loss in ((0.01, 0.5), (0.1, 0.4), (1.0, 0.6))]
FEW = [{"event": "few-shot", "share": s, "draw": d, "components": int(100 * s), "auroc": 0.6 + s / 5 + d / 50} for s in (0.05, 0.5) for d in (0, 1)]
ENGINE = {
    "networks": [{"name": "efficientnet-lite0", "engine": "openvino bf16", "distance": 0.0042, "checked": 16}],
    "largest_difference": 0.0123,
    "mean_difference": 0.0041,
}


@pytest.fixture
def folder(tmp_path):
    def make(events):
        (tmp_path / "log.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
        (tmp_path / "recipe.yaml").write_text("learner: {kind: probe, head: svm, scale: whiten}\n")
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model.json").write_text(json.dumps({"kind": "probe", "engine": ENGINE}))
        (tmp_path / "figures").mkdir()
        draw_course(events, tmp_path / "figures")
        return Folder(tmp_path)

    return make


def test_strengths_shares_engine_and_pictures_are_told(folder):
    told = solved(folder([*STRENGTHS, *FEW]))

    assert (told.head, told.scale, told.models) == ("a linear support vector machine with sigmoid calibration", "whitened", 1)
    assert [(row["strength"], row["chosen"]) for row in told.tried] == [(0.01, False), (0.1, True), (1.0, False)]
    assert [(row["share"], row["draws"]) for row in told.few] == [(0.05, 2), (0.5, 2)]
    assert told.few[1]["mean"] == pytest.approx(0.71)
    assert told.engines[0].startswith("efficientnet-lite0: features by openvino bf16, at most 0.004 in cosine distance")
    assert "by 0.01 at most" in told.engines[1]
    assert [title for title, _, uri in told.pictures if uri.startswith("data:image/svg")] == ["Strengths", "How much data is worth"]


def test_of_folds_the_model_that_is_kept_is_shown(folder):
    folds = [{**line, "repeat": 0, "fold": fold, "strength": 7.0 + fold} for fold in (0, 1) for line in STRENGTHS[:1]]

    told = solved(folder([*folds, *STRENGTHS]))

    assert told.models == 3
    assert [row["strength"] for row in told.tried] == [0.01, 0.1, 1.0]
    assert (told.few, len(told.pictures)) == ([], 1)


def test_of_a_cascade_every_expert_is_told_apart(folder):
    experts = [{**line, "part": part} for part in ("pooled", "expert-hand") for line in (*STRENGTHS, *FEW)]
    folds = [{**line, "repeat": 0, "fold": 0, "strength": 7.0} for line in experts if line["event"] == "strength"]
    held = folder([*folds, *experts])
    (held.path / "recipe.yaml").write_text("learner: {kind: cascade, router: {kind: finetune}, expert: {kind: probe, head: mlp}}\n")

    told = solved(held)

    assert (told.head, told.parts, told.models) == ("a multilayer perceptron", ["pooled", "expert-hand"], 4)
    assert [(row["part"], row["strength"]) for row in told.tried][2:4] == [("pooled", 1.0), ("expert-hand", 0.01)]
    assert [(row["part"], row["share"], row["draws"]) for row in told.few][1:3] == [("pooled", 0.5, 2), ("expert-hand", 0.05, 2)]


def test_beside_a_table_it_is_the_image_parts_head_that_was_solved(folder):
    held = folder(STRENGTHS)
    (held.path / "recipe.yaml").write_text("learner: {kind: late-fusion, columns: [age], image: {kind: probe, head: xgboost, scale: standardise}}\n")

    told = solved(held)

    assert (told.head, told.scale) == ("a forest of gradient-boosted trees (XGBoost)", "standardised")
    assert told.strength == "the number of rounds"


def test_epochs_are_no_strengths(folder):
    assert solved(folder([{"epoch": 1, "phase": 0, "train_loss": 1.0, "val_loss": 1.0}])) is None
