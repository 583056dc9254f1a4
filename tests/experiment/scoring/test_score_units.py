"""What is written of judged units that answer two questions, one of which is a covariate of the other."""

import json

import numpy as np
import pandas as pd
import pytest

from overread.catalog import Catalog, Target
from overread.experiment.answers.reading import fit_reading
from overread.experiment.scoring.score import score
from overread.recipe import Evaluation

TARGETS = {"abnormal": Target("binary", ("negative", "positive"), "positive"), "body_part": Target("multiclass", ("elbow", "hand", "wrist"))}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """300 studies of two images, a quarter to validate on, by a model that answers both questions."""
    folder, draw = tmp_path_factory.mktemp("scored"), np.random.default_rng(0)
    study = np.repeat(np.arange(300), 2)
    ill, part = (draw.random(300) < 0.4)[study].astype(int), (np.arange(300) % 3)[study]
    key = np.char.add("s", study.astype(str))
    frame = pd.DataFrame({"row": np.arange(600).astype(str), "image": "", "patient": key, "study": key, "component": key})
    frame = frame.assign(split=np.where(study % 4 == 0, "val", "test"), views=np.where(ill + draw.random(600) > 0.8, 2, 3))
    frame = frame.assign(abnormal=TARGETS["abnormal"].decode(ill), body_part=TARGETS["body_part"].decode(part))
    raw = frame[["row", "split"]].assign(**{f"truth:{name}": frame[name] for name in TARGETS})
    for name, truth in (("abnormal", ill), ("body_part", part)):
        for i, label in enumerate(TARGETS[name].classes):
            raw[f"raw:{name}:{label}"] = draw.normal(size=600) + 1.5 * (truth == i)
    raw = raw.assign(**{f"oracle:abnormal:{label}": raw[f"raw:abnormal:{label}"] + 0.1 for label in ("negative", "positive")})
    raw = raw.assign(**{"route": frame["body_part"], "abstained:abnormal": study % 10 == 0})
    catalog, plan = Catalog(frame, TARGETS, ["body_part", "views"]), Evaluation(unit="study", draws=200)
    reading = fit_reading(raw, catalog, plan)
    judged = reading.judge(raw, catalog)
    decisions = dict.fromkeys(("val", "test"), reading.decisions)
    scores = score(folder, judged, catalog, decisions, plan, 0, grade="patient-safe", fitting=None)
    return folder, judged, scores


def test_a_covariate_that_is_the_question_itself_is_left_out_of_its_own_tables(scored):
    folder, _, scores = scored
    told, baseline = scores.metrics["test"], json.loads((folder / "covariates.json").read_text())

    assert set(told["abnormal"]["subgroups"]) == {"body_part", "views"}
    assert set(told["body_part"]["subgroups"]) == {"views"}
    assert baseline["abnormal"]["columns"] == ["body_part", "views"] and baseline["body_part"]["columns"] == ["views"]


def test_words_and_captions_speak_of_studies_and_name_kappa(scored):
    folder, _, scores = scored

    assert "225 studies in 225 components" in scores.words[0] and "kappa" in scores.words[0]
    captions = [figure["caption"] for figure in json.loads((folder / "figures.json").read_text())]
    assert sum("Studies by what they are" in caption for caption in captions) == 2
    assert not [caption for caption in captions if "images" in caption]


def test_a_cascades_columns_reach_the_units_with_the_oracle_judged_as_the_answer_is(scored):
    _, judged, _ = scored
    units = judged.only("test").units

    assert units["abstained:abnormal"].mean() == pytest.approx(15 / 225)
    assert (units["route"] == units["truth:body_part"]).all()
    assert units["oracle-p:abnormal:positive"].to_numpy() == pytest.approx(units["p:abnormal:positive"].to_numpy())
    assert (units["oracle-decision:abnormal"] == units["decision:abnormal"]).all()
