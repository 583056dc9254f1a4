"""Rows of a benchmark: the same split, one table, and what cannot be run is told."""

import json

import pandas as pd
import pytest

from overread import benchmarks
from overread.errors import UserError
from overread.experiment.benchmark import benchmark
from overread.run import Run

ROWS = """# Rows that take a second.
set: [image.size=64, "backbone={name: test_resnet, pretrained: false}", "learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]",
      learner.augment=none, split.near_copies=false, evaluation.draws=200, runtime.threads=1]
rows:
  - {name: learnt, recipe: default, set: ["learner.phases=[{trains: all, epochs: 3, rate: 3e-3}]"]}
  - {name: hasty, recipe: default}
  - {name: weightless, recipe: default, set: ["backbone={name: test_resnet, weights: nowhere.pth}"]}
"""


@pytest.fixture
def rows(films, tmp_path):
    """The rows on forty films; with folds or whatever is set."""
    if not (tmp_path / "films").exists():
        films(n=40)
    (tmp_path / "rows.yaml").write_text(ROWS)

    def make(*settings):
        return benchmarks.load(str(tmp_path / "rows.yaml"), settings, [f"table:{tmp_path / 'films' / 'films.csv'}"])

    return make


def test_rows_share_the_split_and_end_in_a_table_and_one_without_weights_is_told(rows, tmp_path):
    result = benchmark(rows(), tmp_path / "out", metrics=["brier"])
    learnt, hasty = (Run.open(tmp_path / "out" / name) for name in ("learnt", "hasty"))
    page = (tmp_path / "out" / "comparison" / "report.html").read_text()

    assert learnt.catalog.frame["split"].equals(hasty.catalog.frame["split"])
    assert list(result.content["models"]) == ["learnt", "hasty"]
    assert "no weights file 'nowhere.pth'" in result.content["not_run"]["weightless"]
    assert "nowhere.pth" in page
    assert "brier" in result.content["targets"]["label"]["shown"]
    assert not (tmp_path / "out" / "weightless").exists()
    told = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    assert (told["done"], list(told["not_run"])) == (["learnt", "hasty"], ["weightless"])


def test_going_on_keeps_what_is_done_runs_what_is_not_and_refuses_another_recipe_or_other_data(rows, tmp_path):
    alone = {name: rows()[name] for name in ("learnt", "weightless")}
    with pytest.raises(UserError, match=r"1 of 2 rows could be run, and a comparison needs two \(weightless: no weights"):
        benchmark(alone, tmp_path / "out")
    nowhere = {name: recipe.model_copy(update={"data": ["table:nowhere.csv"]}) for name, recipe in rows().items()}
    with pytest.raises(UserError, match=r"\(learnt, hasty, weightless: [^;]*nowhere.csv[^;]*\)"):
        benchmark(nowhere, tmp_path / "elsewhere")
    before = (tmp_path / "out" / "learnt" / "predictions.parquet").stat().st_mtime_ns
    with pytest.raises(UserError, match="not empty"):
        benchmark(rows(), tmp_path / "out")

    given = rows("weightless:backbone={name: test_resnet, pretrained: false}")
    for _ in range(2):
        result = benchmark(given, tmp_path / "out", resume=True)
        assert list(result.content["models"]) == ["learnt", "hasty", "weightless"]
    assert (tmp_path / "out" / "learnt" / "predictions.parquet").stat().st_mtime_ns == before

    with pytest.raises(UserError, match=r"another recipe \(evaluation.draws: 300 was 200\)"):
        benchmark(rows("evaluation.draws=300"), tmp_path / "out", resume=True)
    moved = {name: recipe.model_copy(update={"data": ["folder:elsewhere"]}) for name, recipe in given.items()}
    with pytest.raises(UserError, match="data: folder:elsewhere was"):
        benchmark(moved, tmp_path / "out", resume=True)


def test_files_that_changed_between_the_rows_are_noticed(rows, tmp_path):
    hasty = rows()["hasty"]
    with pytest.raises(UserError):
        benchmark({"hasty": hasty}, tmp_path / "out")
    table = pd.read_csv(tmp_path / "films" / "films.csv")
    table.assign(patient=[f"q{i // 4}" for i in range(len(table))]).to_csv(tmp_path / "films" / "films.csv", index=False)
    with pytest.raises(UserError, match="again was split in another way than hasty"):
        benchmark({"hasty": hasty, "again": hasty}, tmp_path / "out", resume=True)


def test_rows_with_folds_are_scored_in_the_same_folds(rows, tmp_path):
    recipes = rows("split.folds=2")
    result = benchmark({name: recipes[name] for name in ("learnt", "hasty")}, tmp_path / "out")
    assert "the folds are, too" in result.content["remarks"][0]
    assert result.content["targets"]["label"]["n"] == 40
