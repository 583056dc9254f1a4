import shutil

import pandas as pd
import pytest

from overread.datasets.base import read
from overread.errors import UserError
from overread.experiment.external import evaluate_external
from overread.run import Run


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the shared run, to write into."""
    return shutil.copytree(trained.folder, tmp_path / "run")


def test_another_site_is_scored_unchanged_and_recalibrated_on_the_same_other_rows(run, films, tmp_path):
    films(n=120, seed=5, folder="north")
    result = evaluate_external(run, [f"table:{tmp_path / 'north' / 'films.csv'}?name=north"])

    metrics = result.content["metrics"]
    assert list(metrics) == ["external", "external_recalibrated", "external_same_rows"]
    n = {split: metrics[split]["label"]["n"] for split in metrics}
    assert n["external"] == 120
    assert n["external_recalibrated"] == n["external_same_rows"] == pytest.approx(84, abs=6)
    same, fitted = metrics["external_same_rows"]["label"], metrics["external_recalibrated"]["label"]
    assert same["metrics"]["auroc"]["value"] == pytest.approx(fitted["metrics"]["auroc"]["value"])
    assert same["decision"]["threshold"] != fitted["decision"]["threshold"]
    assert "north" in (run / "report.html").read_text()


def test_images_the_run_was_trained_on_are_set_aside_and_counted(run, trained):
    result = evaluate_external(run, [f"table:{trained.films / 'films.csv'}"])
    seen = next(finding for finding in result.findings if finding.check == "trained-on")
    assert not seen.passed
    frame = pd.read_parquet(run / "catalog.parquet")
    unseen = (frame["split"] == "test") & (frame["copy_of"] == "")
    assert result.content["metrics"]["external"]["label"]["n"] == unseen.sum()


def test_a_runs_own_test_images_under_another_name_are_said_and_counted_as_a_reading(run, trained, films, tmp_path):
    films(n=60, seed=7, folder="west")
    elsewhere = evaluate_external(run, [f"table:{tmp_path / 'west' / 'films.csv'}"])
    assert "own-test" not in [finding.check for finding in elsewhere.findings]
    assert len(Run.open(run).json("test_reads.json")) == 1

    again = evaluate_external(run, [f"table:{trained.films / 'films.csv'}?name=elsewhere"])
    own = next(finding for finding in again.findings if finding.check == "own-test")
    assert own.effect.value == 1
    assert len(Run.open(run).json("test_reads.json")) == 2


def test_only_images_the_run_was_trained_on_are_refused(run, trained):
    frame = pd.read_parquet(run / "catalog.parquet")
    known = frame[frame["split"] == "train"][["image", "label"]]
    known.to_csv(trained.films / "known.csv", index=False)
    with pytest.raises(UserError, match="new to the model"):
        evaluate_external(run, [f"table:{trained.films / 'known.csv'}"])


def test_what_the_reader_found_wrong_with_other_data_is_told(run, tmp_path):
    read([f"phantom:{tmp_path / 'films'}?n=60&size=32&layout=mura"])
    (tmp_path / "films" / "MURA-v1.1" / "train_image_paths.csv").unlink()
    found = evaluate_external(run, [f"mura:{tmp_path / 'films'}?target=label&merge=broken:positive;not broken:negative"])

    assert ["train_image_paths.csv is missing" in finding.sentence for finding in found.findings if finding.check == "source"] == [True]


def test_other_classes_and_other_targets_are_refused_with_the_mend(run, films, tmp_path):
    table = films(n=20, seed=6, folder="south")
    at = tmp_path / "south" / "films.csv"
    table.assign(label=table["label"].replace({"broken": "fracture", "not broken": "normal"})).to_csv(at, index=False)
    with pytest.raises(UserError, match=r"knows no class 'fracture'.*\?merge="):
        evaluate_external(run, [f"table:{at}"])
    with pytest.raises(UserError, match=r"\?target=label"):
        evaluate_external(run, [f"table:{at}?target=other"])
