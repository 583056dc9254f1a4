"""Whatever happens to an output: nothing is written over, nothing half written looks whole, and a damaged run says what is damaged."""

import json
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from overread.cli.app import answer

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from overread.cli.app import answer
import json, overread.cli
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
print(json.dumps([answer(call) for call in json.loads(sys.argv[1])]))
"""


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda run: shutil.rmtree(run / "model"), "no model is here"),
        (lambda run: (run / "model/decision.json").write_text("{"), "decision.json is damaged"),
        (lambda run: (run / "model/model.json").write_text('{"kind": "../../evil"}'), "unknown name"),
        (lambda run: (run / "model/model.safetensors").write_bytes(b"cut"), "cannot be put together"),
        (lambda run: (run / "recipe.yaml").unlink(), "the run has no recipe.yaml"),
        (lambda run: (run / "status.json").write_text('{"state": "running"}'), "the run is running, not done"),
        (lambda run: (run / "status.json").write_text("[]"), "status.json is damaged"),
    ],
)
def test_a_run_folder_that_is_not_whole_does_not_predict(trained, refused, tmp_path, damage, words):
    run = shutil.copytree(trained.folder, tmp_path / "moved elsewhere")
    damage(run)
    assert words in refused("predict", run, trained.films / "film 1.png", "--out", tmp_path / "p.csv")
    assert not (tmp_path / "p.csv").exists()


def test_outputs_are_never_written_over_or_beside_what_they_were_asked_for(trained, source, refused, tmp_path):
    given = source()
    table = tmp_path / "films" / "films.csv"
    before = table.read_bytes()
    assert "the file exists" in refused("predict", trained.folder, tmp_path / "films", "--out", table)
    assert "the file exists" in refused("split", given, "--out", table)
    assert "not empty" in refused("train", "default", "--data", given, "--out", tmp_path / "films")
    assert "not empty" in refused("train", "default", "--data", given, "--out", table)
    assert "not empty" in refused("prepare", given, "--out", tmp_path / "films")
    assert "--out goes with --predictions" in refused("evaluate", trained.folder, "--data", given, "--out", tmp_path / "new")
    assert "not empty" in refused("explain", trained.folder, trained.films, "--out", tmp_path / "films")
    assert "does nothing here" in refused("prepare", given, "--out", tmp_path / "new", "--set", "seed=1")
    assert table.read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no read-only folder that closes to root as well")
def test_an_output_on_a_read_only_system_is_one_line(source, refused, tiny):
    for call in (["split", source(), "--out", "/proc/split.csv"], ["train", "default", "--data", source(), "--out", "/proc/run", *tiny]):
        assert "/proc/" in refused(*call)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_one_line_and_leaves_nothing_that_looks_whole(source, trained, tmp_path, tiny, started):
    given = source()
    assert answer(["split", given, "--out", str(tmp_path / "warm.csv")]) == 0
    calls = [
        ["split", given, "--out", str(tmp_path / "full.csv")],
        ["predict", str(trained.folder), str(tmp_path / "films"), "--out", str(tmp_path / "full.parquet")],
        ["explain", str(trained.folder), str(tmp_path / "films"), "--out", str(tmp_path / "full heat")],
        ["train", "default", "--data", given, "--out", str(tmp_path / "full"), *tiny],
    ]
    out, err = started(json.dumps(calls), code=LIMITED).communicate(timeout=120)
    assert json.loads(out) == [2] * len(calls), err
    said = [line for line in err.splitlines() if line.startswith("overread: ")]
    assert len(said) == len(calls) and all(re.search("grew over the limit|File too large", line) for line in said)
    assert "Traceback" not in err
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith((".full", "full."))]
    assert not (tmp_path / "full heat" / "heat.csv").exists()
    if (tmp_path / "full").exists():
        assert answer(["evaluate", str(tmp_path / "full"), "--data", given]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_run_that_is_interrupted_or_killed_says_so_does_not_load_and_is_one_processes_at_a_time(source, refused, tmp_path, tiny, started):
    long = ["--set", "learner.phases=[{trains: all, epochs: 4000, rate: 1e-4}]", "--set", "learner.stop.patience=9000"]
    given = source()
    runs = {how: started("train", "default", "--data", given, "--out", tmp_path / how, "--json", *tiny, *long) for how in ("TERM", "KILL")}
    for how, process in runs.items():
        log = tmp_path / how / "log.jsonl"
        while process.poll() is None and not log.exists():
            time.sleep(0.1)
        if how == "KILL":
            again = ("train", "default", "--data", given, "--out", tmp_path / how, "--resume")
            assert "is at work in this folder" in refused(*again, *tiny, *long)
        process.send_signal(getattr(signal, f"SIG{how}"))
    told = json.loads(runs["TERM"].communicate(timeout=60)[0])
    assert (runs["TERM"].returncode, told["ok"], told["error"]["what"]) == (130, False, "interrupted")
    assert "--resume" in told["error"]["mend"]
    assert "the run is failed" in refused("evaluate", tmp_path / "TERM", "--data", given)
    runs["KILL"].communicate(timeout=60)
    assert "the run is running" in refused("evaluate", tmp_path / "KILL", "--data", given)
    assert "learner.phases[0].epochs: 1 was 4000" in refused(*again, *tiny)
