import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from overread.catalog import Target
from overread.errors import UserError
from overread.imaging.pictures import Pictures
from overread.learners.base import load
from overread.learners.cascade.fit import derived
from overread.learners.cascade.kept import MODEL
from overread.progress import shown
from overread.run import Workspace


def test_the_router_learns_the_part_every_expert_its_own_rows_and_the_pooled_one_all(body, telling, cascading, capsys):
    data = body()
    unknown = data.frame["row"].isin(["3", "4"])
    with shown():
        fitted = cascading(data.replace(data.frame.assign(body_part=data.frame["body_part"].mask(unknown))), telling())
    train, told = data.part("train").frame, capsys.readouterr().err

    assert f"router: {len(train)} images of train" in told and f"pooled: {len(train)} images of train" in told
    for part, rows in train[~train["row"].isin(["3", "4"])].groupby("body_part"):
        assert f"expert-{part}: {len(rows)} images of train" in told
    assert [event["part"] for event in fitted.log if "epoch" in event] == ["router", "pooled", "expert-ELBOW", "expert-HAND", "expert-WRIST"]


def test_a_part_with_few_patients_is_answered_by_the_pooled_expert_and_the_model_says_why(body, telling, cascading, tmp_path):
    data = body(few=4)
    model = cascading(data, telling(routing="hard")).model
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    hands = data.only(data.frame["body_part"] == "HAND")

    assert again.answering == {"ELBOW": "expert-ELBOW", "HAND": "pooled", "WRIST": "expert-WRIST"}
    assert next(one for one in again.parts if one.name == "HAND").why == "4 patients in train, fewer than 5"
    assert not (tmp_path / "model" / "expert-HAND").exists()
    found, pooled = again.predict(hands), again.members["pooled"].predict(hands)
    margin = [frame["raw:abnormal:positive"] - frame["raw:abnormal:negative"] for frame in (found, pooled)]
    oracle = found["oracle:abnormal:positive"] - found["oracle:abnormal:negative"]
    np.testing.assert_allclose(oracle, margin[1], atol=1e-6)
    np.testing.assert_allclose(margin[0][found["route"] == "HAND"], margin[1][found["route"] == "HAND"], atol=1e-6)


def test_a_part_of_one_class_is_answered_by_the_pooled_expert(body, telling, cascading):
    data = body()
    frame = data.frame.assign(abnormal=data.frame["abnormal"].mask(data.frame["body_part"] == "WRIST", "negative"))

    model = cascading(data.replace(frame), telling()).model

    assert model.answering["WRIST"] == "pooled" and model.parts[2].why == "train has one class only, negative"
    assert model.answering["HAND"] == "expert-HAND"


def test_a_small_part_goes_on_from_the_pooled_network_and_a_larger_one_does_not(body, telling, cascading):
    still = {"kind": "finetune", "augment": "none", "batch": 16, "phases": [{"trains": "head", "epochs": 1, "rate": 1e-9}]}
    model = cascading(body(few=8), telling(expert=still, small=10)).model

    networks = {name: network.state_dict() for name, network in model.networks().items()}

    assert alike(networks["expert-HAND"], networks["pooled"])
    assert not alike(networks["expert-ELBOW"], networks["pooled"])
    assert [one.small for one in model.parts] == [False, True, False]


def alike(one, other) -> bool:
    return all(torch.allclose(tensor, other[name], atol=1e-6) for name, tensor in one.items())


def test_the_same_seed_gives_the_same_cascade_and_every_member_has_a_seed_of_its_own(body, telling, cascading):
    data, told = body(60), telling(own=100)
    one, same, other = (cascading(data, told, seed).model.predict(data) for seed in (0, 0, 1))

    assert one.equals(same) and not one.equals(other)
    seeds = {derived(seed, name) for seed in (0, 1) for name in ("router", "pooled", "expert-HAND")}
    assert len(seeds) == 6 and all(0 <= seed < 2**31 for seed in seeds)


def test_neighbours_answer_in_a_cascade_and_are_no_networks(body, telling, cascading):
    data = body(60)
    model = cascading(data, telling(expert={"kind": "probe", "head": "knn", "strengths": [3], "folds": 2}, own=100)).model
    found = model.predict(data.part("test"))

    assert np.isfinite(found["raw:abnormal:positive"]).all()
    assert set(model.networks()) == {"router"} and "pooled" not in model.networks()
    assert list(model.speakers(found)) == ["body_part"]


def test_a_picture_is_decoded_once_for_router_experts_and_oracle(body, telling, cascading, tmp_path, monkeypatch):
    data = body(60)
    model, films, film = cascading(data, telling()).model, [], Pictures.film
    monkeypatch.setenv("OVERREAD_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(Pictures, "film", lambda self, index: (films.append(self.rows[index]), film(self, index))[1])

    model.predict(data)

    assert sorted(films) == sorted(data.frame["row"])


def test_parts_may_be_called_anything_and_stay_in_the_folder(body, telling, cascading, tmp_path):
    data = body(60, names=("../x", "/etc", "手"))
    model = cascading(data, telling()).model
    before = sorted(tmp_path.iterdir())
    model.save(tmp_path / "model")

    assert load(tmp_path / "model").predict(data).equals(model.predict(data))
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "model"])
    assert {"expert-../x", "expert-/etc", "expert-手"} <= set(load(tmp_path / "model").networks())


def test_a_question_that_is_not_asked_and_data_of_one_part_are_refused(body, telling, cascading):
    data = body(60)

    with pytest.raises(UserError, match=r"the data do not ask 'body_part', by which a cascade routes .*&also=body_part"):
        cascading(data.asking("abnormal"), telling())
    with pytest.raises(UserError, match="and nothing else"):
        cascading(data.asking("body_part"), telling())
    with pytest.raises(UserError, match="train has one part only, 'HAND'"):
        cascading(data.replace(data.frame.assign(body_part=data.frame["body_part"].mask(data.frame["body_part"] != "HAND"))), telling())


def test_the_main_question_is_the_first_that_is_not_the_part_or_the_one_that_is_named(body, telling, cascading):
    data = body(60)
    asked = {"body_part": data.targets["body_part"], "abnormal": data.targets["abnormal"], "sign": Target("binary", ("no", "yes"), "yes")}
    frame = data.frame.assign(sign=np.where(data.frame["abnormal"] == "positive", "yes", "no"))
    more = replace(data, frame=frame, targets=asked)

    assert list(cascading(more, telling()).model.targets) == ["abnormal", "body_part"]
    assert list(cascading(more, telling(target="sign")).model.targets) == ["sign", "body_part"]


def test_what_a_member_is_refused_for_says_which_member(body, telling, tmp_path, cascading):
    data = body(60)
    router = {"kind": "finetune", "phases": [{"trains": "from nowhere", "epochs": 1, "rate": 1e-3}]}

    with pytest.raises(UserError) as refused:
        cascading(data, telling(router=router), workspace=Workspace(tmp_path, tmp_path / "log.jsonl", {}))
    assert refused.value.where.startswith("router: ")


def test_experts_that_would_be_shown_other_pixels_than_the_router_are_refused(body, making, telling, cascading, tmp_path):
    data, (_, _, quick) = body(60), making
    trained = cascading(data, telling()).workspace.folder / "pooled" / MODEL
    start = shutil.copytree(trained, tmp_path / "start")
    told = json.loads((start / "model.json").read_text())
    (start / "model.json").write_text(json.dumps({**told, "preprocess": {**told["preprocess"], "mean": [0.0, 0.0, 0.0]}}))

    with pytest.raises(UserError, match="normalise pixels differently"):
        cascading(data, telling(expert={**quick, "start": str(start)}))
