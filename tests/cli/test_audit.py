"""The verb audit: what a pipeline is told, when it must stop, and what is refused."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from overread.cli.app import answer
from overread.registry import CHECKS


@pytest.fixture
def published(films, tmp_path):
    """Sixteen films with a published split by patient; with `copies`, two of train are filed in test again."""

    def make(copies):
        table = films(n=16).assign(part=["train"] * 8 + ["test"] * 8)
        more = table.iloc[:copies].assign(image=[f"again {i}.png" for i in range(copies)], patient="", part="test")
        for old, new in zip(table["image"], more["image"], strict=False):
            shutil.copy(tmp_path / "films" / old, tmp_path / "films" / new)
        pd.concat([table, more]).to_csv(tmp_path / "films" / "films.csv", index=False)
        return f"table:{tmp_path / 'films' / 'films.csv'}?patient=patient&split=part"

    return make


def test_a_pipeline_stops_at_a_leak_and_is_told_of_it_in_one_document(published, tmp_path, capsys):
    code = answer(["audit", published(copies=2), "--out", str(tmp_path / "audit"), "--json", "--fail-on", "leak"])
    told = json.loads(capsys.readouterr().out)

    assert code == 3
    assert (told["verb"], told["ok"], told["error"]) == ("audit", True, None)
    assert set(told["result"]) == {"folder", "page", "images", "rejected", "raised", "undecided", "copies"}
    assert told["result"]["raised"]["leak"] >= 1
    assert told["result"]["copies"]["identical_pixels"] == 2
    assert (told["findings"][0]["check"], told["findings"][0]["severity"]) == ("copies", "leak")
    assert (tmp_path / "audit" / "audit.html").is_file()


def test_a_pipeline_goes_on_where_nothing_leaks_and_a_person_reads_the_verdict(published, tmp_path, capsys):
    assert answer(["audit", published(copies=0), "--out", str(tmp_path / "audit"), "--fail-on", "leak"]) == 0
    said = capsys.readouterr().out

    assert "leak: " not in said
    assert said.rstrip().endswith(f"page: {tmp_path / 'audit' / 'audit.html'}")


def test_two_sources_are_compared(published, films, tmp_path, capsys):
    ours = published(copies=0)
    films(n=16, seed=3, folder="theirs")
    theirs = f"table:{tmp_path / 'theirs' / 'films.csv'}?name=theirs"
    assert answer(["audit", ours, "--against", theirs, "--out", str(tmp_path / "audit"), "--fail-on", "high", "--json"]) == 0
    assert {finding["check"] for finding in json.loads(capsys.readouterr().out)["findings"]} == {"overlap"}


def test_what_cannot_be_is_one_line(published, refused, tmp_path):
    given = published(copies=0)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("precious")

    assert "not empty" in refused("audit", given, "--out", tmp_path / "full")
    assert "unknown reader" in refused("audit", "foldr:x", "--out", tmp_path / "audit")
    assert "both named 'films'" in refused("audit", given, "--against", given, "--out", tmp_path / "audit")
    assert "Missing argument" in refused("audit")
    assert not (tmp_path / "audit").exists()


def test_the_checks_are_listed_with_a_line_each_and_nothing_heavy_is_loaded():
    code = (
        "import sys; from overread.cli.app import answer; import overread.cli; code = answer(['list', 'checks', '--json']);"
        "heavy = {'torch', 'timm', 'pandas', 'sklearn', 'cv2'} & set(sys.modules); sys.exit(code or (str(heavy) if heavy else 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    listed = json.loads(done.stdout)["result"]

    assert done.returncode == 0, done.stderr
    assert [entry["name"] for entry in listed] == CHECKS.names()
    assert all(entry["about"] for entry in listed)
