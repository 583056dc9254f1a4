"""Predictions of a model of several questions: the route, the part that the file names, and what the model would rather not answer."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.experiment.predict import predict


@pytest.fixture
def films(dicom, tmp_path):
    """Three bright DICOM films (a HAND, a WRIST and one that names no part), a dark one that says FOOT, and a grey PNG between the two."""
    place = tmp_path / "films"
    place.mkdir()
    for name, value, part in (("a", 230, "HAND"), ("b", 231, "WRIST"), ("c", 232, None), ("d", 1, "FOOT")):
        told = {"BodyPartExamined": part} if part else {}
        values = np.full((64, 64), value, np.uint8)
        values[0, 0] = 0
        (place / f"{name}.dcm").write_bytes(dicom(values, **told))
    Image.new("L", (64, 64), 128).save(place / "e.png")
    return place


def test_the_part_a_file_names_stands_beside_the_route_and_changes_nothing(guide, films, tmp_path):
    result = predict(guide, [str(films)], tmp_path / "p.csv")

    table = pd.read_csv(tmp_path / "p.csv")
    assert list(table)[list(table).index("route") :][:3] == ["route", "known_part", "abstained:abnormal"]
    assert table["route"].tolist() == ["hand", "hand", "hand", "leg", "hand"]
    assert table["known_part"].fillna("").tolist() == ["HAND", "WRIST", "", "FOOT", ""]
    assert result.content["parts"] == {"known": 3, "differ": 2, "strange": ["WRIST"]}
    [words] = [line for line in result.words if "their part" in line]
    assert "3 of 5 images name their part; 2 another than the router chose" in words
    assert "not a part that the model knows: WRIST" in words
    for name in ("a", "b"):
        predict(guide, [str(films / f"{name}.dcm")], tmp_path / f"{name}.csv")
    one, other = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("a", "b"))
    assert other["p:abnormal:positive"][0] == pytest.approx(one["p:abnormal:positive"][0], abs=0.02)


def test_both_questions_are_answered_and_abstained_ones_keep_their_decision(guide, films, tmp_path):
    result = predict(guide, [str(films)], tmp_path / "p.csv")
    table = pd.read_csv(tmp_path / "p.csv")
    assert {"decision:abnormal", "decision:body_part", "p:body_part:hand"} <= set(table)
    assert table["abstained:abnormal"].tolist() == [False, False, False, False, True]
    assert table["decision:abnormal"].notna().all()
    assert result.content["abstained"] == {"abnormal": 1}
    assert any("abnormal: the model abstains from 1 of 5" in line for line in result.words)


def test_where_no_file_names_its_part_nothing_is_said_of_it(guide, films, tmp_path):
    result = predict(guide, [str(films / "e.png")], tmp_path / "p.csv")
    assert not any("their part" in line for line in result.words)


def test_a_model_of_one_question_has_neither(trained, tmp_path):
    predict(trained.folder, [str(trained.films / "film 0.png")], tmp_path / "p.csv")
    assert list(pd.read_csv(tmp_path / "p.csv")) == ["row", "image", "p:label:not broken", "p:label:broken", "decision:label", "reason"]
