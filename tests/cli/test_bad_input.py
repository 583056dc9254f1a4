"""Whatever is wrong with what a user gives: one line and exit code 2, or a rejected row in a run that is otherwise done."""

import json
import os
import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from overread.cli.app import answer
from overread.run import Run

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


@pytest.mark.parametrize("shares", ["[0.7,0.2", "0.7,0.3", "a,b,c", "nan,0.5,0.5", "0.7;0.2;0.1", ""])
def test_shares_that_are_none_are_refused(source, refused, tmp_path, shares):
    assert "split.fractions" in refused("split", source(""), "--fractions", shares, "--out", tmp_path / "split.csv").replace("split: f", "split.f")


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
def test_a_recipe_that_cannot_be_followed_leaves_no_run_and_runs_nothing_it_was_given(source, refused, tmp_path, monkeypatch, settings, words, tiny):
    monkeypatch.chdir(tmp_path)
    torch.save({"conv": torch.zeros(3)}, tmp_path / "other.pth")
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Payload(), protocol=2))
    told = refused("train", "default", "--data", source(), "--out", "run", *tiny, *(word for one in settings for word in ("--set", one)))
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


def test_strange_class_names_go_the_whole_way_and_no_page_names_a_file_or_a_patient(films, tmp_path, tiny):
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

    assert answer(["train", "default", "--data", given, "--out", str(run), *tiny, "--set", "split.folds=2"]) == 0
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


def test_nothing_is_asked_of_the_network_and_lists_load_no_torch(trained, tmp_path, started):
    process = started("predict", trained.folder, trained.films / "film 1.png", "--out", tmp_path / "p.csv", "--json", code=WATCHED)
    listed, torch_is_loaded, predicted = process.communicate(timeout=120)[0].splitlines()
    assert json.loads(listed)["ok"] is True
    assert torch_is_loaded == "False"
    assert json.loads(predicted)["result"]["predicted"] == 1
