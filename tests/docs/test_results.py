import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def page():
    return runpy.run_path(str(ROOT / "benchmarks" / "results.py"))["page"]


def test_the_page_says_what_the_files_say(page):
    told = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert told == page(ROOT / "benchmarks" / "results"), "make it again: python benchmarks/results.py"


def test_what_was_not_measured_is_named_and_nothing_is_made_up(page, tmp_path):
    told = page(tmp_path)
    for script in ("coverage.py", "train.py", "real.py fracture-folds", "real.py pneumonia"):
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
