"""The report's maps of a model of several networks and questions: two maps a case, a scale a question."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.catalog import Catalog
from overread.experiment.answers.judge import foresee, judge, kept
from overread.experiment.scoring import heat
from overread.experiment.scoring.heat import draw_heat
from overread.imaging.cache import Cache
from overread.imaging.scan import scan
from overread.recipe import Explain
from overread.report.render import render
from overread.run import Run


@pytest.fixture
def judged(guide, cascade, tmp_path):
    """24 films, half of them bright and so hands, whose truths are told by chance; the catalog and what the model says of it."""
    draw = np.random.default_rng(0)
    rows = []
    for i in range(24):
        film = draw.integers(150, 250, (64, 64)) if i % 2 else draw.integers(0, 40, (64, 64))
        Image.fromarray(film.astype(np.uint8)).save(tmp_path / f"{i}.png")
        rows.append({"row": str(i), "image": f"{i}.png", "file": str(tmp_path / f"{i}.png"), "component": f"c{i}"})
    frame = pd.DataFrame(rows).assign(split="test", abnormal=draw.choice(["negative", "positive"], 24), body_part="hand")
    frame["body_part"] = frame["body_part"].mask(frame.index < 4)
    catalog = scan(Catalog(frame, dict(cascade.targets)), cascade.fitting, Cache(), 1)[0]
    return catalog, judge(foresee(cascade(), catalog, "test"), cascade.targets, kept(Run(guide)))


@pytest.fixture
def told(judged, cascade, tmp_path):
    catalog, predictions = judged
    draw_heat(cascade(), predictions, catalog, tmp_path, Explain())
    return pd.DataFrame(json.loads((tmp_path / "heat.json").read_text())["maps"])


def test_every_case_has_a_map_of_the_router_for_the_part_it_chose_and_one_of_the_expert_that_it_chose(told, judged):
    route = judged[1].set_index("row")["route"]
    for row, maps in told.groupby("row"):
        assert maps["target"].tolist() == ["abnormal", "body_part"]
        assert maps["network"].tolist() == ["expert-hand" if route[row] == "hand" else "pooled", "router"]
        assert maps["class"].iloc[1] == route[row]
        assert len(set(maps["film"])) == 1
        assert len(set(maps["picture"])) == 2
    assert set(told["network"]) == {"expert-hand", "pooled", "router"}


def test_a_question_has_one_scale_and_two_have_two(told, tmp_path):
    bars = {}
    for _, one in told.iterrows():
        painted = np.asarray(Image.open(tmp_path / one["picture"]))
        bars.setdefault(one["target"], set()).add(painted[:, 64:].tobytes())
    assert [len(each) for each in bars.values()] == [1, 1]
    assert bars["abnormal"] != bars["body_part"]
    tops = json.loads((tmp_path / "heat.json").read_text())["tops"]
    assert tops == told.groupby("target")["peak"].max().to_dict()


def test_a_truth_that_nobody_knows_is_none_and_the_main_questions_is_known(judged, cascade, tmp_path):
    catalog, predictions = judged
    draw_heat(cascade(), predictions[predictions["row"].astype(int) < 8], catalog, tmp_path, Explain())
    maps = json.loads((tmp_path / "heat.json").read_text())["maps"]
    assert {one["truth"] for one in maps if one["target"] == "abnormal"} == {"negative", "positive"}
    assert [one["truth"] for one in maps if one["target"] == "body_part"] == [
        None if int(one["row"]) < 4 else "hand" for one in maps if one["target"] == "body_part"
    ]
    assert None in {one["truth"] for one in maps}


def test_of_repeated_folds_the_route_is_that_of_the_very_call_that_is_shown(judged, cascade, tmp_path):
    catalog, predictions = judged
    wrong = predictions.assign(**{"p:abnormal:positive": 0.6, "p:abnormal:negative": 0.4, "decision:abnormal": "positive", "route": "leg", "fold": 0})
    sure = wrong.assign(**{"p:abnormal:positive": 0.9, "p:abnormal:negative": 0.1, "route": "foot"})
    draw_heat(cascade(), pd.concat([wrong, sure, wrong]), catalog, tmp_path, Explain())
    said = json.loads((tmp_path / "heat.json").read_text())
    assert {one["class"] for one in said["maps"] if one["target"] == "body_part"} == {"foot"}
    assert "those of the folds" in said["note"]


def test_more_questions_than_stand_beside_each_other_are_counted(judged, cascade, tmp_path, monkeypatch):
    monkeypatch.setattr(heat, "QUESTIONS", 1)
    catalog, predictions = judged
    draw_heat(cascade(), predictions, catalog, tmp_path, Explain())
    said = json.loads((tmp_path / "heat.json").read_text())
    assert list(said["tops"]) == ["abnormal"]
    assert "first 1 of 2 questions" in said["note"]


def test_the_page_shows_them_side_by_side_and_names_who_speaks(told, judged, guide, tmp_path):
    (guide / "heat.json").write_text((tmp_path / "heat.json").read_text())
    for file in {*told["film"], *told["picture"]}:
        (guide / file).write_bytes((tmp_path / file).read_bytes())
    page = render(guide).read_text()
    assert "abnormal, by expert-hand: truth" in page
    assert "body_part, by router: truth" in page
    assert "colours of two questions do not compare" in page
    assert "The surest mistakes of abnormal" in page
    case = page[page.index('<div class="pair">') :].partition("</figure>")[0]
    assert case.count("<img") == 3
