"""The verbs compare and benchmark: one document for a program, one line where something is wrong."""

import json
import shutil

import pytest

from overread.cli.app import answer

ROWS = """# Two rows.
rows:
  - {name: one, recipe: default}
  - {name: two, recipe: default, set: [learner.batch=8]}
"""


@pytest.fixture
def pair(trained, tmp_path):
    """The finished run and a copy of it."""
    return [str(trained.folder), str(shutil.copytree(trained.folder, tmp_path / "copy"))]


def test_compare_answers_a_program_in_one_document(pair, tmp_path, capsys):
    assert answer(["compare", *pair, "--out", str(tmp_path / "out"), "--metrics", "brier, mcc", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["verb"], told["ok"], told["error"]) == ("compare", True, None)
    assert list(told["result"]["models"]) == ["run", "copy"]
    assert told["result"]["targets"]["label"]["shown"][-2:] == ["brier", "mcc"]
    assert (tmp_path / "out" / "report.html").is_file()


def test_compare_prints_a_row_a_model(pair, tmp_path, capsys):
    assert answer(["compare", *pair, "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[1].split() == ["model", "Accuracy", "Sensitivity", "Specificity", "AUROC"]
    assert [line.split()[0] for line in lines[2:4]] == ["run", "copy"]
    assert lines[4].startswith("run and copy have the same AUROC")


def test_benchmark_trains_compares_and_is_gone_on_with(source, tiny, tmp_path, capsys):
    (tmp_path / "rows.yaml").write_text(ROWS)
    call = ["benchmark", str(tmp_path / "rows.yaml"), "--data", source(), "--out", str(tmp_path / "out"), *tiny, "--json"]
    for more in ([], ["--resume", "--set", "two:learner.batch=8"]):
        assert answer([*call, *more]) == 0
        assert list(json.loads(capsys.readouterr().out)["result"]["models"]) == ["one", "two"]


def test_what_the_user_can_mend_is_one_line(pair, refused, source, tiny, tmp_path):
    (tmp_path / "rows.yaml").write_text(ROWS)
    out = ("--out", tmp_path / "out")

    assert "one run alone" in refused("compare", pair[0], *out)
    assert "not a run folder" in refused("compare", pair[0], tmp_path / "nowhere", *out)
    assert "unknown figure 'kittens'" in refused("compare", *pair, *out, "--metrics", "kittens")
    assert "Did you mean 'bone-tumor'" in refused("benchmark", "bone-tumr", *out)
    assert "no row 'three'" in refused("benchmark", tmp_path / "rows.yaml", *out, "--set", "three:seed=1")
    nowhere = ("--set", "backbone.pretrained=true", "--set", "backbone.weights=nowhere.pth")
    assert "0 of 2 rows could be run" in refused("benchmark", tmp_path / "rows.yaml", "--data", source(), *out, *tiny, *nowhere)


def test_benchmarks_are_listed(capsys):
    assert answer(["list", "benchmarks", "--json"]) == 0
    assert "bone-tumor" in [entry["name"] for entry in json.loads(capsys.readouterr().out)["result"]]
