"""A run of two questions on data that know one of them."""

import numpy as np
import pandas as pd

from overread.experiment.external import evaluate_external
from overread.experiment.train import train
from overread.recipe import load

TINY = [
    "image.size=64",
    "backbone.name=test_resnet",
    "backbone.pretrained=false",
    "learner={kind: multitask, phases: [{trains: all, epochs: 1, rate: 1e-3}]}",
    "split.fractions=[0.4, 0.3, 0.3]",
    "split.near_copies=false",
    "evaluation={unit: patient, draws: 200}",
    "runtime.threads=1",
]


def test_only_what_other_data_know_is_scored_and_the_rest_is_said(films, tmp_path):
    part = np.array(["hand", "leg", "hip"])
    for folder, n, seed in (("films", 120, 0), ("north", 120, 5)):
        table = films(n=n, seed=seed, folder=folder)
        table.assign(part=part[np.arange(n) // 2 % 3]).to_csv(tmp_path / folder / "films.csv", index=False)
    train(load("default", TINY, [f"table:{tmp_path / 'films' / 'films.csv'}?also=part"]), tmp_path / "run")

    both = evaluate_external(tmp_path / "run", [f"table:{tmp_path / 'north' / 'films.csv'}?also=part"])
    blind = evaluate_external(tmp_path / "run", [f"table:{tmp_path / 'north' / 'films.csv'}?name=blind"])

    assert set(both.content["metrics"]["external"]) == {"label", "part"}
    assert set(blind.content["metrics"]["external"]) == {"label"}
    [said] = [finding for finding in blind.findings if finding.check == "not-asked"]
    assert "also answers part" in said.sentence
    assert "not-asked" not in [finding.check for finding in both.findings]
    assert both.content["metrics"]["external"]["label"]["metrics"] == blind.content["metrics"]["external"]["label"]["metrics"]
    assert set(pd.read_parquet(tmp_path / "run" / "units.parquet").filter(like="decision:")) == {"decision:label", "decision:part"}

    table = pd.read_csv(tmp_path / "north" / "films.csv")
    for name, parts in {"some": {"leg": "knee"}, "none": {"leg": "knee", "hip": "toe", "hand": "neck"}}.items():  # what the run never saw
        table.assign(part=table["part"].replace(parts)).to_csv(tmp_path / "north" / f"{name}.csv", index=False)
    some, none = (evaluate_external(tmp_path / "run", [f"table:{tmp_path / 'north' / name}.csv?also=part"]) for name in ("some", "none"))
    for found in (some, none):
        assert found.content["metrics"]["external"]["label"]["metrics"] == both.content["metrics"]["external"]["label"]["metrics"]
    assert some.content["metrics"]["external"]["part"]["n"] == (table["part"] != "leg").sum() / 2
    assert set(none.content["metrics"]["external"]) == {"label"}
    [said] = [finding for finding in some.findings if finding.check == "unknown-class"]
    assert said.sentence.startswith("40 of 120 images are of a part that the run does not know (knee)")
    assert said.effect.value == 1 / 3
    assert "unknown-class" not in [finding.check for finding in both.findings]
    assert set(some.content["metrics"]["external_recalibrated"]) == {"label", "part"}
    before, after = (some.content["metrics"][split] for split in ("external_same_rows", "external_recalibrated"))
    assert before["label"]["decision"] != after["label"]["decision"]
    assert before["part"]["decision"] == after["part"]["decision"]  # no leg is among the local patients to learn from
