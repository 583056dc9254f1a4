import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return runpy.run_path(str(ROOT / "benchmarks" / "results.py"))["page"]


def test_the_page_says_what_the_files_say(page):
    told = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert told == page(ROOT / "benchmarks" / "results"), "make it again: python benchmarks/results.py"


def test_what_was_not_measured_is_named_and_nothing_is_made_up(page, tmp_path):
    told = page(tmp_path)
    for script in ("coverage.py", "train.py", "resume.py", "phantom.py", "heat.py", "gradcam.py", "real.py fracture-folds", "real.py pneumonia"):
        assert f"- `python benchmarks/{script}`" in told
    assert "|" not in told


FIGURE = {"value": 0.8125, "low": 0.71, "high": 0.9, "method": "BCa cluster bootstrap"}
BARE = {"value": 0.75, "low": None, "high": None, "method": "none"}
UNDEFINED = {"value": None, "low": None, "high": None, "method": "none"}


def test_a_run_shows_its_command_figures_intervals_neighbours_and_leak(page, tmp_path):
    entry = {
        "target": "label",
        "split": "test",
        "n": 624,
        "clusters": 600,
        "grade": "image-only",
        "prevalence": {"normal": 0.375, "pneumonia": 0.625},
        "metrics": {"auroc": FIGURE, "sensitivity": BARE, "specificity": UNDEFINED},
        "at_half": {"auroc": FIGURE, "accuracy": FIGURE, "sensitivity": BARE, "specificity": UNDEFINED},
    }
    finding = {"severity": "leak", "passed": False, "sentence": "All of it leaks."}
    quiet = {"severity": "info", "passed": True, "sentence": "Nothing here."}
    told = {
        "commit": "0123456789abcdef+",
        "hardware": {"processor": "abacus", "cores": 2, "system": "Linux", "python": "3.12.0"},
        "date": "2026-01-02",
        "seed": 7,
        "recipe": "default",
        "settings": ["split.published=true"],
        "source": "medmnist:$OVERREAD_DATA/x.npz",
        "rejected": 0,
        "findings": [finding, quiet],
        "epochs": 9,
        "seconds": 600,
        "rows": [{**entry, "split": "val"}, entry],
    }
    (tmp_path / "real-pneumonia.json").write_text(json.dumps(told))
    shown = page(tmp_path)
    assert 'overread train default --data "medmnist:$OVERREAD_DATA/x.npz" --set "split.published=true"' in shown
    assert "| AUROC | 0.812 (0.710 to 0.900) | 0.812 (0.710 to 0.900) |" in shown
    assert "| sensitivity | 0.750 (no interval) | 0.750 (no interval) |" in shown
    assert "| specificity | not defined | not defined |" in shown
    assert "| ResNet-18, 28 px | 0.944 | 0.854 | Yang et al. 2023" in shown
    assert "624 images (38% normal, 62% pneumonia) in 600 components; image-only" in shown
    assert "- leak: All of it leaks." in shown
    assert "Nothing here." not in shown
    assert "commit 0123456789+, 2026-01-02, seed 7, abacus, 2 cores, Linux, Python 3.12.0, 600 s in epochs of training" in shown


MADE = {
    "commit": "0123456789abcdef",
    "hardware": {"processor": "abacus", "cores": 2, "system": "Linux", "python": "3.12.0"},
    "date": "2026-01-02",
    "seed": 7,
}


def test_a_kill_that_left_a_trace_is_not_hidden(page, tmp_path):
    row = {"killed": "at random", "when": "epoch 3", "epochs_finished": 2, "epochs_kept": 2, "epochs_lost": 0, "test_reads": 1}
    told = {
        "epochs": 8,
        "checkpoint_seconds": 0.1,
        "epoch_seconds": 2.5,
        "in_turn": {"kills": ["epoch 1", "epoch 5"], "equal": False, "test_reads": 1},
    }
    (tmp_path / "resume.json").write_text(json.dumps({**MADE, **told, "rows": [{**row, "equal": True}, {**row, "equal": False}]}))

    shown = " ".join(page(tmp_path).split())

    assert "1 of 2 runs killed once ended in its figures" in shown
    assert "killed 2 times in turn did not" in shown
    assert "| at random | epoch 3 | 2 | 0 | yes | 1 | | at random | epoch 3 | 2 | 0 | NO | 1 |" in shown


def test_hits_of_heat_maps_stand_beside_those_of_chance(page, tmp_path):
    shares = {"share": 0.6, "share_low": 0.5, "share_high": 0.7, "over_anatomy": 0.4, "over_anatomy_low": 0.3, "over_anatomy_high": 0.5}
    chance = {"chance_area": 0.04, "chance_anatomy": 0.2, "share_of_cells": 0.5, "reachable": 0.9}
    row = {"method": "grad-cam", "layer": "bn2", "cells": 7, "cases": "all", "films": 90, "components": 60, **shares, **chance}
    told = {"films": 900, "size": 224, "subtlety": 0.1, "dilated": 5, "auroc": FIGURE, "rows": [row]}
    (tmp_path / "heat.json").write_text(json.dumps({**MADE, **told}))

    shown = page(tmp_path)

    figures = "60.0% (50.0% to 70.0%) | 4.0% | 20.0% | 40.0% (30.0% to 50.0%) | 50.0% of 90.0%"
    assert f"| grad-cam, `bn2` | 7 x 7 | all (90 of 60 patients) | {figures} |" in shown
