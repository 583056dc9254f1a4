"""Maps of a model of several networks and questions: each film by the network that spoke for it."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread import explain
from overread.errors import UserError
from overread.registry import LEARNERS

LIT = 200 / 255 * 63 / 64
"""Mean light of the bright film."""


def test_each_film_is_explained_by_the_network_that_spoke_for_each_question(guide, two, tmp_path):
    result = explain(guide, list(map(str, two)), tmp_path / "heat")

    told = pd.read_csv(tmp_path / "heat" / "heat.csv")
    assert told[["row", "target", "network", "class"]].to_numpy().tolist() == [
        [0, "abnormal", "expert-hand", "positive"],
        [0, "body_part", "router", "hand"],
        [1, "abnormal", "pooled", "positive"],
        [1, "body_part", "router", "leg"],
    ]
    assert told["score"].tolist() == pytest.approx([16 * LIT - 10, 20 * LIT - 10, 64 * 250 / 255 / 64, 0], rel=1e-4)
    assert (told["x"][2], told["y"][2]) == (60, 60)
    assert told["peak"].tolist() == pytest.approx([16 * 200 / 255 / 64, 20 * 200 / 255 / 64, 250 / 255, 0], rel=1e-4)
    assert {path.name for path in (tmp_path / "heat").iterdir()} == {
        "heat.csv",
        *(f"{row}-{target}.png" for row in (0, 1) for target in ("abnormal", "body-part")),
    }
    assert result.content["networks"] == ["expert-hand", "pooled", "router"]
    assert any("do not compare" in words for words in result.words)


def test_the_order_of_the_films_is_no_matter(guide, two, tmp_path):
    bright, dark = map(str, two)
    for name, films in (("forth", [bright, dark, bright]), ("back", [dark, bright, bright])):
        explain(guide, films, tmp_path / name, target="abnormal")
    one, other = (pd.read_csv(tmp_path / name / "heat.csv") for name in ("forth", "back"))
    assert one["network"].tolist() == ["expert-hand", "pooled", "expert-hand"]
    assert other["network"].tolist() == ["pooled", "expert-hand", "expert-hand"]
    assert one["peak"].iloc[[1, 0, 2]].tolist() == other["peak"].tolist()


def test_one_question_alone_has_its_maps_alone(guide, two, tmp_path):
    result = explain(guide, list(map(str, two)), tmp_path / "heat", target="body_part")
    assert result.content["targets"] == ["body_part"]
    assert pd.read_csv(tmp_path / "heat" / "heat.csv")["target"].tolist() == ["body_part", "body_part"]
    assert {path.name for path in (tmp_path / "heat").iterdir()} == {"heat.csv", "0-body-part.png", "1-body-part.png"}


def test_a_class_is_explained_for_the_question_it_answers(guide, two, tmp_path):
    explain(guide, list(map(str, two)), tmp_path / "heat", label="hand")
    told = pd.read_csv(tmp_path / "heat" / "heat.csv")
    assert told[["target", "class"]].drop_duplicates().to_numpy().tolist() == [["body_part", "hand"]]
    assert told["score"].tolist() == pytest.approx([20 * LIT - 10, 20 * 250 / 255 / 64 - 10], rel=1e-4)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"target": "bodypart"}, r"does not answer 'bodypart'.*'body_part'"),
        ({"target": "abnormal", "label": "hand"}, r"no class 'hand'"),
        ({"label": "hnad"}, r"no class 'hnad'.*'hand'"),
        ({"layer": "layer9"}, r"no layer 'layer9'"),
    ],
)
def test_a_question_a_class_or_a_layer_that_is_not_there_is_said_before_anything_is_read(guide, tmp_path, given, words):
    with pytest.raises(UserError, match=words):
        explain(guide, ["nowhere"], tmp_path / "heat", **given)
    assert not (tmp_path / "heat").exists()


def test_a_question_that_no_network_answers_has_no_maps_and_the_others_do(guide, cascade, two, tmp_path, monkeypatch):
    class Scored(cascade):
        def speakers(self, answers):
            return {"body_part": ["router"] * len(answers)}

    monkeypatch.setitem(LEARNERS._members, "guide", Scored)
    with pytest.raises(UserError, match="'abnormal' is answered by no network"):
        explain(guide, list(map(str, two)), tmp_path / "heat", target="abnormal")
    assert explain(guide, list(map(str, two)), tmp_path / "all").content["targets"] == ["body_part"]


def test_networks_whose_maps_differ_in_size_are_refused_together_and_explained_apart(guide, cascade, two, tmp_path, monkeypatch):
    class Uneven(cascade):
        cell = 16

    monkeypatch.setitem(LEARNERS._members, "guide", Uneven)
    with pytest.raises(UserError, match=r"differ in size: expert-hand 4 x 4.*pooled 8 x 8"):
        explain(guide, list(map(str, two)), tmp_path / "both", target="abnormal")
    for film in two:
        explain(guide, [str(film)], tmp_path / film.stem, target="abnormal")
        assert np.asarray(Image.open(tmp_path / film.stem / "0-abnormal.png")).shape[2] == 3
