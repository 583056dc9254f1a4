"""Whatever is wrong with what a user gives: one line and exit code 2, or a rejected row in a run that is otherwise done."""

import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from overread.cli.app import answer
from overread.run import Run

TINY = [
    *("--set", "image.size=64", "--set", "backbone.name=test_resnet", "--set", "backbone.pretrained=false", "--set", "learner.augment=none"),
    *("--set", "learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]", "--set", "evaluation.draws=200", "--set", "runtime.threads=1"),
]

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from overread.cli.app import answer
import json, overread.cli
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
print(json.dumps([answer(call) for call in json.loads(sys.argv[1])]))
"""

WATCHED = """
import sys
def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        raise RuntimeError(f"{event}: {arguments}")
sys.addaudithook(watch)
import overread.cli
from overread.cli.app import answer
answer(["list", "recipes", "--json"])
print("torch" in sys.modules)
answer(sys.argv[1:])
"""


@pytest.fixture
def source(films, tmp_path):
    """Write forty films and a table of them with some columns changed; returns the source."""
    table = films(n=40)

    def make(options="", **columns):
        table.assign(**columns).to_csv(tmp_path / "films" / "films.csv", index=False)
        return f"table:{tmp_path / 'films' / 'films.csv'}{options}"

    return make


@pytest.fixture
def refused(capsys):
    """Run a command line that must be refused in one line without a traceback; returns the line."""

    def call(*arguments):
        capsys.readouterr()
        code, shown = answer([str(argument) for argument in arguments]), capsys.readouterr()
        said = [line for line in shown.err.splitlines() if line.startswith("overread: ")]
        assert (code, len(said), shown.out) == (2, 1, ""), shown.err
        assert "Traceback" not in shown.err
        return said[0]

    return call


def started(*arguments, code=None):
    program = [sys.executable, "-c", code or "from overread.cli import main; main()"]
    return subprocess.Popen([*program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


FORTY = range(40)


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({"label": "broken"}, "", "only the class 'broken'"),
        ({"label": ""}, "", "no label at all"),
        ({"label": [i * 1.37 for i in FORTY]}, "", "a measurement or an id"),
        ({"label": ["cat", "dog"] * 20}, "", r"Declare it: \?positive=cat or \?positive=dog"),
        ({"label": ["cat", "dog"] * 20}, "?positive=Cat", "'Cat' is not among"),
        ({"label": ["Broken", "broken", "normal", "normal"] * 10}, "", "differ in capitals alone"),
        ({"label": ["ill"] * 4 + ["normal"] * 36}, "", "class 'ill' has 2 patients; three parts need at least 3"),
        ({"patient": ["007", "7"] * 20, "label": ["ill", "normal"] * 20}, "", "has 1 patient; three parts"),
        ({}, "?merge=x:broken|not broken", "only the class 'x'"),
        ({}, "?label=diagnosis", "no column 'diagnosis'"),
        ({}, "?site=label", "declared as the site"),
        ({}, "?covariates=patient", "is the patient"),
        ({}, "?name=../../elsewhere", "without a slash"),
        ({"split": ["train", "dev"] * 20}, "", "'dev' is not a part of a split"),
        ({"image": "nowhere.png"}, "", "none of the 40 images can be read; the first: the file is missing"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused_in_words(source, refused, tmp_path, columns, options, words):
    assert re.search(words, refused("split", source(options, **columns), "--out", tmp_path / "split.csv"))
    assert not (tmp_path / "split.csv").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["image.sise=3"], "unknown key 'image.sise'"),
        (["seed=-1"], "seed: "),
        (["split.folds=30"], "class 'not broken' has 10 patients; 30 folds"),
        (["split.published=true"], "the published split has no train"),
        (["backbone.name=resnet5o"], "Did you mean 'resnet50'"),
        (["backbone.name=test_vit", "image.size=70"], "test_vit cannot take pictures of 70 px"),
        (["learner.phases=[{trains: from layer9, epochs: 1, rate: 1e-3}]"], "no stage 'layer9'"),
        (["backbone.pretrained=true", "backbone.weights=other.pth"], "another architecture than test_resnet"),
        (["backbone.pretrained=true", "backbone.weights=evil.pth"], "not a file of tensors alone"),
    ],
)
def test_a_recipe_that_cannot_be_followed_leaves_no_run_and_runs_nothing_it_was_given(source, refused, tmp_path, monkeypatch, settings, words):
    monkeypatch.chdir(tmp_path)
    torch.save({"conv": torch.zeros(3)}, tmp_path / "other.pth")
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Payload(), protocol=2))
    told = refused("train", "default", "--data", source(), "--out", "run", *TINY, *(word for one in settings for word in ("--set", one)))
    assert words in told
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "executed").exists()


class Payload:
    """What an attacker would put into a weights file."""

    def __reduce__(self):
        return (os.mkdir, ("executed",))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_every_file_that_is_no_picture_is_listed_with_the_reason_and_the_rest_is_split(films, tmp_path):
    table, place = films(n=40), tmp_path / "films"
    Image.fromarray(np.full((9, 9), 7, np.uint8)).save(place / "ä gif.jpg", format="GIF")
    (place / "zero.png").touch()
    (place / "text.png").write_text("hello")
    (place / "cut.png").write_bytes((place / "film 1.png").read_bytes()[:400])
    (place / "dir.png").mkdir()
    os.mkfifo(place / "pipe.png")
    (place / "dead.png").symlink_to("nowhere")
    (place / "loop.png").symlink_to("loop.png")
    names = [
        "ä gif.jpg",
        "zero.png",
        "text.png",
        "cut.png",
        "dir.png",
        "pipe.png",
        "dead.png",
        "loop.png",
        "",
        "/dev/zero",
        "../../etc/passwd",
        "x" * 999,
    ]
    more = pd.DataFrame({"image": names, "label": ["broken", "not broken"] * 6, "patient": names, "site": "a"})
    pd.concat([table, more]).to_csv(place / "films.csv", index=False)

    assert answer(["split", f"table:{place / 'films.csv'}", "--out", str(tmp_path / "split.csv")]) == 0
    made = pd.read_csv(tmp_path / "split.csv", keep_default_na=False).iloc[40:].set_index("image")
    assert made.loc["ä gif.jpg", "split"] != ""
    assert (made["split"].drop("ä gif.jpg") == "").all()
    reasons = made["why"].str.removeprefix("rejected: ").drop("ä gif.jpg").tolist()
    for reason, words in zip(
        reasons,
        [
            "empty",
            "not a picture",
            "cut off",
            "a folder",
            "a pipe",
            "missing",
            "cannot be opened",
            "no file",
            "a device",
            "missing|not a picture",
            "opened",
        ],
        strict=True,
    ):
        assert re.search(words, reason)


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
    assert "does nothing here" in refused("prepare", given, "--out", tmp_path / "new", "--set", "seed=1")
    assert table.read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no read-only folder that closes to root as well")
def test_an_output_on_a_read_only_system_is_one_line(source, refused):
    for call in (["split", source(), "--out", "/proc/split.csv"], ["train", "default", "--data", source(), "--out", "/proc/run", *TINY]):
        assert "/proc/" in refused(*call)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_one_line_and_leaves_nothing_that_looks_whole(source, trained, tmp_path):
    given = source()
    assert answer(["split", given, "--out", str(tmp_path / "warm.csv")]) == 0
    calls = [
        ["split", given, "--out", str(tmp_path / "full.csv")],
        ["predict", str(trained.folder), str(tmp_path / "films"), "--out", str(tmp_path / "full.parquet")],
        ["train", "default", "--data", given, "--out", str(tmp_path / "full"), *TINY],
    ]
    out, err = started(json.dumps(calls), code=LIMITED).communicate(timeout=120)
    assert json.loads(out) == [2, 2, 2], err
    said = [line for line in err.splitlines() if line.startswith("overread: ")]
    assert len(said) == 3 and all(re.search("grew over the limit|File too large", line) for line in said)
    assert "Traceback" not in err
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith((".full", "full."))]
    if (tmp_path / "full").exists():
        assert answer(["evaluate", str(tmp_path / "full"), "--data", given]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_run_that_is_interrupted_or_killed_says_so_and_does_not_load(source, refused, tmp_path):
    long = ["--set", "learner.phases=[{trains: all, epochs: 4000, rate: 1e-4}]", "--set", "learner.stop.patience=9000"]
    given = source()
    runs = {how: started("train", "default", "--data", given, "--out", tmp_path / how, "--json", *TINY, *long) for how in ("INT", "KILL")}
    for how, process in runs.items():
        log = tmp_path / how / "log.jsonl"
        while process.poll() is None and not log.exists():
            time.sleep(0.1)
        process.send_signal(getattr(signal, f"SIG{how}"))
    told = json.loads(runs["INT"].communicate(timeout=60)[0])
    assert (runs["INT"].returncode, told["ok"], told["error"]["what"]) == (130, False, "interrupted")
    runs["KILL"].communicate(timeout=60)
    assert "the run is failed" in refused("evaluate", tmp_path / "INT", "--data", given)
    assert "the run is running" in refused("evaluate", tmp_path / "KILL", "--data", given)


def test_strange_class_names_go_the_whole_way_and_no_page_names_a_file_or_a_patient(films, tmp_path):
    script = "<script>alert(1)</script>"
    odd = ["normal", script, "日本 $\\frac{"]
    table, place = films(n=48), tmp_path / "films"
    for number, name in enumerate(table["image"]):
        (place / name).rename(place / f"DOE_JOHN_{number}.png")
    table = table.assign(
        image=[f"DOE_JOHN_{i}.png" for i in range(48)], patient=[f"MRN_{i // 2}" for i in range(48)], study=[f"ACC_{i}" for i in range(48)]
    )
    table.assign(label=[odd[i // 2 % 3] for i in range(48)]).to_csv(place / "films.csv", index=False)
    given, run = f"table:{place / 'films.csv'}?name=north&covariates=site", tmp_path / "run"

    assert answer(["train", "default", "--data", given, "--out", str(run), *TINY, "--set", "split.folds=2"]) == 0
    assert answer(["evaluate", str(run), "--data", given]) == 2
    assert answer(["predict", str(run), str(place / "DOE_JOHN_0.png"), "--out", str(tmp_path / "p.csv")]) == 0

    assert set(Run.open(run).metrics["test"]["label"]["classes_order"]) == set(odd)
    assert f"p:label:{script}" in pd.read_csv(tmp_path / "p.csv")
    pages = [path for path in run.rglob("*") if path.suffix in {".html", ".json", ".jsonl", ".svg", ".yaml"}]
    assert len(pages) > 8
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not re.search("DOE_JOHN|MRN_|ACC_", text), path.name
        assert path.suffix in {".json", ".yaml", ".jsonl"} or "<script" not in text, path.name


def test_nothing_is_asked_of_the_network_and_lists_load_no_torch(trained, tmp_path):
    process = started("predict", trained.folder, trained.films / "film 1.png", "--out", tmp_path / "p.csv", "--json", code=WATCHED)
    listed, torch_is_loaded, predicted = process.communicate(timeout=120)[0].splitlines()
    assert json.loads(listed)["ok"] is True
    assert torch_is_loaded == "False"
    assert json.loads(predicted)["result"]["predicted"] == 1
