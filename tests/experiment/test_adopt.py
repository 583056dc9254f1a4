"""An outside checkpoint is a run from then on: predicted with, evaluated, and never praised for what it may have seen."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from overread.backbones.torchvision import timm
from overread.cli.app import answer
from overread.imaging.read import read
from overread.run import Run


@pytest.fixture
def checkpoint(tmp_path):
    """A network of theirs whose one logit rises with brightness; returns its file."""
    torch.manual_seed(0)
    model = timm.create_model("test_resnet", num_classes=1).eval()
    torch.save(model.state_dict(), tmp_path / "theirs.pth")
    return tmp_path / "theirs.pth"


@pytest.fixture
def adopted(checkpoint, tmp_path):
    out = tmp_path / "adopted"
    assert (
        answer(["adopt", str(checkpoint), "--backbone", "test_resnet", "--classes", "not broken,broken", "--out", str(out), "--set", "image.size=64"])
        == 0
    )
    return out


def test_it_predicts_what_their_own_network_says(adopted, checkpoint, films, tmp_path):
    films(n=20)
    answer(["predict", str(adopted), str(tmp_path / "films"), "--out", str(tmp_path / "p.csv")])
    table = pd.read_csv(tmp_path / "p.csv").dropna(subset="p:label:broken")
    theirs = timm.create_model("test_resnet", num_classes=1).eval()
    theirs.load_state_dict(torch.load(checkpoint, weights_only=True))
    squares = torch.stack([torch.from_numpy(np.repeat(read(name)[..., None], 3, axis=2)) for name in table["image"]])
    with torch.no_grad():
        p = theirs((squares / 127.5 - 1).permute(0, 3, 1, 2)).sigmoid()[:, 0].numpy()

    assert len(table) == 20
    np.testing.assert_allclose(table["p:label:broken"], p, atol=1e-5)
    assert list(table["decision:label"]) == ["broken" if score >= 0.5 else "not broken" for score in table["p:label:broken"]]


def test_it_is_evaluated_and_what_it_has_seen_stays_unknown(adopted, films, tmp_path, capsys):
    films(n=60)
    capsys.readouterr()

    code = answer(["evaluate", str(adopted), "--data", f"table:{tmp_path / 'films' / 'films.csv'}", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert code == 0
    assert told["result"]["metrics"]["external"]["label"]["n"] == 60
    [seen] = [finding for finding in told["findings"] if finding["check"] == "trained-on"]
    assert (seen["passed"], seen["severity"]) == (None, "high")
    assert "not known" in seen["sentence"]


def test_the_run_says_that_nothing_was_learnt_here(adopted):
    run = Run.open(adopted)

    assert run.recipe.learner == {}
    assert len(run.catalog) == 0
    assert [finding.check for finding in run.findings] == ["adopted"]
    assert run.json("environment.json")["hashes"] == {"file theirs.pth": run.json("model/model.json")["backbone"]["sha256"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--classes", "a,b"], "--positive a"),
        (["--classes", "normal,normal"], "named twice"),
        (["--classes", "normal"], "fewer than two classes"),
        (["--classes", "normal,abnormal", "--target", "row"], "cannot be named 'row'"),
        (["--classes", "normal,abnormal", "--target", ""], "cannot be named ''"),
        (["--classes", "normal,abnormal", "--set", "split.folds=3"], "Only keys of image apply"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(checkpoint, tmp_path, capsys, arguments, words):
    out = tmp_path / "no"

    code = answer(["adopt", str(checkpoint), "--backbone", "test_resnet", "--out", str(out), *arguments])

    assert code == 2
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_weights_that_are_no_numbers_are_refused(checkpoint, tmp_path, capsys):
    tensors = torch.load(checkpoint, weights_only=True)
    tensors["fc.weight"][0, 3] = torch.nan
    torch.save(tensors, checkpoint)

    code = answer(["adopt", str(checkpoint), "--backbone", "test_resnet", "--classes", "normal,abnormal", "--out", str(tmp_path / "no")])

    assert code == 2
    assert "NaN or infinite" in capsys.readouterr().err


def test_a_recipe_without_a_learner_trains_nothing(films, tmp_path, capsys):
    films(n=20)
    recipe = tmp_path / "none.yaml"
    recipe.write_text("learner: {}\n")

    assert answer(["train", str(recipe), "--data", f"table:{tmp_path / 'films' / 'films.csv'}", "--out", str(tmp_path / "run")]) == 2
    assert "names no learner" in capsys.readouterr().err
