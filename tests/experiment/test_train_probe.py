"""Whole runs by the recipe `probe`, each kind of head once."""

import json

import pandas as pd
import pytest

from overread.experiment.predict import predict
from overread.experiment.train import train
from overread.recipe import load

TINY = [
    "image.size=64",
    "backbone.name=test_resnet",
    "backbone.pretrained=false",
    "split.fractions=[0.5, 0.2, 0.3]",
    "split.near_copies=false",
    "evaluation.draws=200",
    "runtime.threads=1",
]


@pytest.mark.parametrize(
    "settings", [["learner.strengths=[0.01,0.1]"], ["learner={kind: probe, head: knn}", "explain.layer=layer4"]], ids=["logreg", "knn"]
)
def test_a_run_is_whole_its_report_speaks_of_solving_and_its_model_predicts(films, tmp_path, settings):
    films(100)
    source = f"table:{tmp_path / 'films' / 'films.csv'}"

    train(load("probe", [*TINY, *settings], [source]), tmp_path / "run")

    page = (tmp_path / "run" / "report.html").read_text()
    poured = "knn" not in settings[0]
    assert "No epochs:" in page
    assert (tmp_path / "run" / "figures" / "strengths.svg").exists()
    assert (tmp_path / "run" / "figures" / "few-shot.svg").exists() == poured
    assert ("How much data is worth" in page) == poured
    heat = json.loads((tmp_path / "run" / "heat.json").read_text())
    assert heat["maps"] if poured else "is no network (neighbours or trees" in heat["note"]
    predict(tmp_path / "run", [str(tmp_path / "films" / f"film {i}.png") for i in range(4)], tmp_path / "again.csv")
    assert pd.read_csv(tmp_path / "again.csv").filter(like="p:label").notna().all(axis=None)
