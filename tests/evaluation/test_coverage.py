"""The promise of the intervals at small size; `benchmarks/coverage.py` keeps it with 2,000 studies."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("coverage_benchmark", BENCHMARKS / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "DRAWS", 400)
    return module


@pytest.mark.parametrize("correlation", [0.3, 0.6])
def test_the_interval_covers_correlated_patients_and_the_naive_one_does_not(benchmark, correlation):
    rows = benchmark.coverage(120, patients=100, correlation=correlation, separation=1.3, seed=4)
    mine = {row["metric"]: row["coverage"] for row in rows if row["method"] == "overread"}
    naive = {row["metric"]: row["coverage"] for row in rows if row["method"].startswith("naive")}

    assert set(mine) == {"auroc", "sensitivity", "kappa"}
    assert min(mine.values()) >= 0.90 and sum(mine.values()) / 3 >= 0.92
    assert max(naive.values()) < 0.90


def test_the_interval_of_pooled_studies_covers_and_drawing_studies_as_patients_covers_less(benchmark):
    rows = benchmark.coverage(200, patients=100, correlation=0.6, separation=1.3, seed=4, unit="study")
    mine = {row["metric"]: row["coverage"] for row in rows if row["method"] == "overread"}
    naive = {row["metric"]: row["coverage"] for row in rows if row["method"].startswith("naive")}

    assert set(mine) == {"auroc", "sensitivity", "kappa"}
    assert min(mine.values()) >= 0.90 and sum(mine.values()) / 3 >= 0.92
    assert sum(naive.values()) < sum(mine.values())
