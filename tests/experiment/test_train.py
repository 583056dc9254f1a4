import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from overread.errors import UserError
from overread.experiment.train import train
from overread.findings import Severity
from overread.learners.base import load as load_model
from overread.recipe import load
from overread.run import Run


@pytest.fixture(scope="module")
def run(trained):
    return Run.open(trained.folder)


def test_a_run_folder_holds_what_it_promises(run):
    promised = (
        "status.json recipe.yaml environment.json catalog.parquet rejected.csv split.json sample_size.json links.csv "
        "model/model.safetensors model/model.json model/decision.json predictions.parquet metrics.json findings.json "
        "covariates.json figures.json mistakes.json report.html log.jsonl test_reads.json"
    )
    assert [name for name in promised.split() if not (run.folder / name).is_file()] == []
    assert [figure["file"] for figure in run.json("figures.json") if not (run.folder / figure["file"]).is_file()] == []


def test_the_planted_signal_is_found_and_the_figure_is_that_of_the_predictions(run):
    test = run.predictions.query("split == 'test'")
    told = run.metrics["test"]["label"]["metrics"]["auroc"]
    assert told["value"] == pytest.approx(roc_auc_score(test["truth:label"] == "broken", test["p:label:broken"]), abs=1e-9)
    assert told["value"] > 0.7
    assert told["low"] < told["value"] < told["high"]


def test_every_file_that_cannot_be_read_is_listed_and_the_run_is_done(run, trained):
    assert sorted(run.rejected["image"]) == ["cut.png", "words.png"]
    assert (run.rejected["reason"] != "").all()
    assert len(run.rejected) == trained.unreadable


def test_copies_are_predicted_once_and_conflicting_labels_not_at_all(run, trained):
    frame = run.catalog.frame
    assert (frame["copy_of"] != "").sum() == trained.copies
    torn = frame["why"].str.startswith("conflicting labels")
    assert torn.sum() == trained.conflicts
    assert not run.predictions["row"].isin(frame.loc[torn | (frame["copy_of"] != ""), "row"]).any()


def test_a_copy_filed_under_another_patient_stays_on_its_originals_side(run):
    frame = run.catalog.frame.set_index("row")
    copies = frame[frame["copy_of"] != ""]
    assert (frame.loc[copies["copy_of"], "split"].to_numpy() == copies["split"].to_numpy()).all()
    assert frame[frame["split"] != ""].groupby("component")["split"].nunique().max() == 1


def test_train_rows_are_never_predicted_and_test_is_read_once(run):
    assert set(run.predictions["split"]) == {"val", "test"}
    assert len(run.json("test_reads.json")) == 1


def test_the_decision_is_learnt_on_validation_alone(run):
    decision = run.json("model/decision.json")["label"]
    assert decision["n"] == (run.predictions["split"] == "val").sum()
    test = run.predictions.query("split == 'test'")
    called = np.where(test["p:label:broken"] >= decision["threshold"], "broken", "not broken")
    assert (called == test["decision:label"]).all()


def test_the_saved_model_predicts_what_the_run_says(run, trained, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    test = run.catalog.part("test")
    again = load_model(run.folder / "model").predict(test).set_index("row")
    told = run.predictions.set_index("row").loc[again.index]
    np.testing.assert_allclose(again["raw:label:broken"], told["raw:label:broken"], atol=1e-5)


def test_no_patient_and_no_file_is_named_in_report_log_or_pictures(run):
    page = (run.folder / "report.html").read_text() + (run.folder / "log.jsonl").read_text()
    assert "film 3.png" not in page
    assert "p17" not in page
    assert all(path.stem.isdigit() for path in (run.folder / "figures" / "mistakes").iterdir())


def test_two_runs_with_one_seed_have_equal_metrics(trained, run, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    train(run.recipe, tmp_path / "again")
    assert Run.open(tmp_path / "again").metrics == run.metrics


def test_folds_predict_every_image_once_and_keep_a_model_of_all(trained, run, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    brief = [f"learner.{key}" for key in ("phases=[{trains: head, epochs: 1, rate: 1e-3}]",)]
    recipe = load("default", [*_settings(run), "split.folds=3", *brief], run.recipe.data)
    train(recipe, tmp_path / "folds")

    folds = Run.open(tmp_path / "folds")
    counted = folds.catalog.part("train", "val").frame["row"]
    assert sorted(folds.predictions["row"]) == sorted(counted)
    assert set(folds.predictions["fold"]) == {0, 1, 2}
    assert folds.metrics["test"]["label"]["n"] == len(counted)
    assert [part["fold"] for part in folds.metrics["test"]["label"]["folds"]] == [0, 1, 2]
    assert load_model(folds.folder / "model").targets == run.catalog.targets


def test_the_published_split_is_kept_when_asked_for_and_its_leak_is_said(trained, run, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    table = pd.read_csv(trained.films / "films.csv")
    table["split"] = np.where(np.arange(len(table)) % 2, "test", "train")  # the two films of each patient on two sides
    table.to_csv(trained.films / "published.csv", index=False)
    recipe = load(
        "default",
        [*_settings(run), "split.published=true", "learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]"],
        [f"table:{trained.films / 'published.csv'}"],
    )
    result = train(recipe, tmp_path / "run")

    leak = [finding for finding in result.findings if finding.severity is Severity.LEAK]
    assert [finding.check for finding in leak] == ["published-split", "keys"]
    assert Run.open(tmp_path / "run").json("split.json")["leaked_share"] > 0.9
    assert Run.open(tmp_path / "run").metrics["test"]["label"]["grade"] == "image-only"


def test_a_run_that_fails_before_it_learns_leaves_its_name_free(trained, run, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    recipe = load("default", [*_settings(run), "learner.phases=[{trains: from nowhere, epochs: 1, rate: 1e-3}]"], run.recipe.data)
    with pytest.raises(UserError, match="nowhere"):
        train(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("rate", ["1e9", "1e30"])
def test_a_run_whose_loss_diverges_is_failed_and_has_no_report(trained, run, tmp_path, monkeypatch, rate):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    recipe = load(
        "default", [*_settings(run), "learner.phases=[{trains: head, epochs: 1, rate: 1e-3}, {trains: all, epochs: 2, rate: 1e30}]"], run.recipe.data
    )
    with pytest.raises(UserError, match="no number"):
        train(recipe, tmp_path / "run")
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "failed"
    assert not (tmp_path / "run" / "report.html").exists()


def test_no_data_is_an_error_before_anything_is_written(tmp_path):
    with pytest.raises(UserError, match="no data"):
        train(load("default"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_full_disk_ends_in_one_line_and_no_whole_run(trained, run, tmp_path):
    """Files are limited to 64 kB in another process, which is what a full disk looks like to it."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536));"
        "from overread.cli import main; main(sys.argv[1:])"
    )
    settings = [part for setting in _settings(run) for part in ("--set", setting)]
    done = subprocess.run(
        [sys.executable, "-c", code, "train", "default", "--data", run.recipe.data[0], "--out", str(tmp_path / "run"), *settings],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    with pytest.raises(UserError):
        Run.open(tmp_path / "run")


def _settings(run):
    """The settings that make the shared run a matter of seconds, read off its recipe."""
    recipe = run.recipe
    return [
        f"image.size={recipe.image.size}",
        f"backbone.name={recipe.backbone.name}",
        "backbone.pretrained=false",
        f"split.fractions={list(recipe.split.fractions)}",
        "learner.augment=none",
        f"evaluation.draws={recipe.evaluation.draws}",
        "runtime.threads=1",
    ]
