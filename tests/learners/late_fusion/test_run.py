"""A whole run: a report that gives the label away is a banner where the model reads it, and none where it does not."""

import json

import numpy as np
import pandas as pd
import pytest

from overread.errors import UserError
from overread.experiment.external import evaluate_external
from overread.experiment.predict import predict
from overread.experiment.train import train
from overread.recipe import load

TINY = [
    "image.size=64",
    "backbone.name=test_resnet",
    "backbone.pretrained=false",
    "learner.image={kind: finetune, augment: none, phases: [{trains: all, epochs: 1, rate: 3e-3}]}",
    "split.fractions=[0.5, 0.2, 0.3]",
    "evaluation.draws=200",
    "runtime.threads=1",
]


@pytest.fixture
def source(films, tmp_path):
    """160 films whose report says the label, as does what was dictated, and whose age says nothing."""
    table, draw = films(160), np.random.default_rng(0)
    said = np.where(table["label"] == "broken", "Impression: a displaced break of the shaft", "Impression: unremarkable bone and joint")
    reports = [" ".join([*draw.choice(["knee", "view", "seen", "soft", "tissue"], 4), one]) for one in said]
    table.assign(report=reports, dictated=reports, age=draw.integers(20, 90, 160)).to_csv(tmp_path / "films" / "films.csv", index=False)
    return f"table:{tmp_path / 'films' / 'films.csv'}?label=label"


def test_the_banner_stands_where_the_model_reads_the_text_and_the_card_says_what_each_part_gives(source, tmp_path):
    run = tmp_path / "run"
    train(load("probe-with-columns", [*TINY, "learner.columns=[age]", "learner.text=[report]"], [source]), run)

    page = (run / "report.html").read_text(encoding="utf-8")
    loud, quiet = (one for one in json.loads((run / "findings.json").read_text()) if one["check"] == "text")

    assert loud["severity"] == "high" and "report tells label" in loud["sentence"] and loud["sentence"] in page
    assert quiet["severity"] == "low" and "dictated tells label" in quiet["sentence"] and "No model of this run reads it." in quiet["sentence"]
    assert "From one image, and age and report beside it" in page and "validation AUROC" in page and "heat maps show what the image part" in page
    assert pd.read_parquet(run / "predictions.parquet").filter(like="p:").notna().all(axis=None)

    evaluate_external(run, [f"{source}&name=elsewhere"])  # a table has the columns, and plain files have not
    with pytest.raises(UserError, match="there is no column 'age'"):
        predict(run, [str(tmp_path / "films" / "film 0.png")], tmp_path / "p.csv")
