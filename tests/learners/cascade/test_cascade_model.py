"""A cascade that has learnt its films: what it says by either routing, with an oracle, and of what it was not shown."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.metrics import roc_auc_score

from overread.errors import UserError
from overread.learners.base import load
from overread.learners.cascade.mixing import LEAST
from overread.recipe import Runtime

RAW = ["raw:abnormal:negative", "raw:abnormal:positive"]

ORACLE = ["oracle:abnormal:negative", "oracle:abnormal:positive"]


@pytest.fixture
def model(planted):
    return load(planted.folder)


@pytest.fixture
def test(planted):
    return planted.data.part("test")


@pytest.fixture
def asked(monkeypatch, model):
    """How many rows each member was run over."""
    counts, predict = {}, type(model.members["router"]).predict

    def counting(self, catalog):
        name = next(name for name in model.members.read if model.members[name] is self)
        counts[name] = counts.get(name, 0) + len(catalog)
        return predict(self, catalog)

    monkeypatch.setattr(type(model.members["router"]), "predict", counting)
    return counts


def auroc(answers, data):
    return roc_auc_score(data.frame["abnormal"] == "positive", answers[RAW[1]] - answers[RAW[0]])


def test_where_parts_contradict_each_other_experts_tell_more_than_one_model_of_all(model, test):
    found = model.predict(test)

    assert (found["route"] == test.frame["body_part"]).mean() > 0.95
    assert auroc(found, test) > 0.97 > auroc(model.members["pooled"].predict(test), test) + 0.03
    assert np.exp(found[RAW].to_numpy()).sum(1) == pytest.approx(1)
    assert list(found) == ["row", *RAW, *(f"raw:body_part:{part}" for part in ("ELBOW", "HAND", "WRIST")), "route", *ORACLE]


def test_hard_routing_is_what_the_chosen_expert_says_by_itself(model, test):
    model.routing = "hard"
    found = model.predict(test)

    for part, rows in test.frame.groupby(found["route"]).indices.items():
        alone = model.members[f"expert-{part}"].predict(test.only(np.isin(np.arange(len(test)), rows)))
        np.testing.assert_allclose(found[RAW].to_numpy()[rows], log_softmax(alone[RAW].to_numpy() + shift(model, part), axis=1), atol=1e-9)


def shift(model, part):
    return np.array(next(one for one in model.parts if one.name == part).shift)


def test_soft_routing_is_the_mixture_of_all_experts_to_within_the_least_share(model, test):
    found = model.predict(test)
    shares = softmax(found[[f"raw:body_part:{part}" for part in ("ELBOW", "HAND", "WRIST")]].to_numpy(), axis=1)

    every = sum(
        shares[:, [place]] * softmax(model.members[f"expert-{part}"].predict(test)[RAW].to_numpy() + shift(model, part), axis=1)
        for place, part in enumerate(("ELBOW", "HAND", "WRIST"))
    )

    assert np.abs(np.exp(found[RAW].to_numpy()) - every).max() <= LEAST + 1e-9


def test_with_a_sure_router_a_picture_costs_two_networks(model, test, asked):
    unknown = test.replace(test.frame.assign(body_part=None))
    model.routing = "hard"

    model.predict(unknown)

    assert asked.pop("router") == len(test)
    assert sum(asked.values()) == len(test)


def test_the_oracle_runs_what_was_not_run_already_and_nothing_twice(model, test, asked):
    model.routing = "hard"
    found = model.predict(test)
    wrong = (found["route"] != test.frame["body_part"]).sum()
    assert sum(asked.values()) == 2 * len(test) + wrong

    asked.clear()
    elsewhere = np.roll(["ELBOW", "HAND", "WRIST"], 1)[test.frame["body_part"].map({"ELBOW": 0, "HAND": 1, "WRIST": 2})]
    model.predict(test.replace(test.frame.assign(body_part=elsewhere)))
    assert sum(asked.values()) > 2.9 * len(test)


def test_the_oracle_is_the_known_parts_expert_and_so_the_answer_where_the_router_is_right(model, test):
    model.routing = "hard"
    told = test.frame["body_part"].where(test.frame.index % 4 != 0, "WRIST").mask(test.frame.index % 8 == 1)
    found = model.predict(test.replace(test.frame.assign(body_part=told)))
    right, known = (found["route"] == told).to_numpy(), told.notna().to_numpy()

    np.testing.assert_array_equal(found.loc[right, ORACLE], found.loc[right, RAW])
    assert found.loc[~known, ORACLE].isna().all(axis=None) and found.loc[known, ORACLE].notna().all(axis=None)
    misled = (known & ~right & (test.frame["body_part"] != "WRIST")).to_numpy()
    assert misled.sum() > 10
    assert auroc(found[misled], test.only(misled)) > 0.9
    assert roc_auc_score(test.frame["abnormal"][misled] == "positive", found[ORACLE[1]][misled]) < 0.5


def test_a_part_that_the_router_does_not_know_has_no_oracle_and_is_answered_all_the_same(model, test):
    foreign = test.frame["body_part"].where(test.frame.index % 2 == 0, "SKULL")

    found = model.predict(test.replace(test.frame.assign(body_part=foreign)))

    assert found.loc[foreign == "SKULL", ORACLE].isna().all(axis=None) and found[RAW].notna().all(axis=None)
    for blind in (test.frame.assign(body_part=None), test.frame.drop(columns="body_part")):
        assert not {*ORACLE} & set(model.predict(replace(test, frame=blind, targets={"abnormal": test.targets["abnormal"]})))


def test_abstention_marks_the_answers_below_the_routers_confidence_and_forces_none(model, test):
    plain = model.predict(test)
    sure = softmax(plain[[name for name in plain if name.startswith("raw:body_part")]].to_numpy(), axis=1).max(1)
    model.abstain = float(np.median(sure))
    found = model.predict(test)

    assert "abstained:abnormal" not in plain
    np.testing.assert_array_equal(found["abstained:abnormal"], sure < model.abstain)
    assert 0.3 < found["abstained:abnormal"].mean() < 0.7
    np.testing.assert_array_equal(found[RAW], plain[RAW])


def test_features_are_those_of_the_expert_that_was_chosen(model, test):
    found, route = model.features(test), model.predict(test)["route"]

    assert found.shape[0] == len(test) and found.dtype == np.float32
    for part in ("ELBOW", "WRIST"):
        rows = (route == part).to_numpy()
        np.testing.assert_allclose(found[rows], model.members[f"expert-{part}"].features(test.only(rows)), atol=1e-5)


def test_the_router_speaks_for_the_part_and_the_chosen_expert_for_the_rest(model, test):
    spoken = model.speakers(model.predict(test))

    assert set(spoken["body_part"]) == {"router"} and set(spoken["abnormal"]) == {"expert-ELBOW", "expert-HAND", "expert-WRIST"}
    assert set(model.networks()) == {"router", "pooled", "expert-ELBOW", "expert-HAND", "expert-WRIST"}
    assert list(model.targets) == ["abnormal", "body_part"]


def test_what_is_not_asked_is_not_read(planted, model, test):
    assert model.networks() and model.weights == {} and model.members.read == []
    model.networks()["router"]
    assert model.members.read == ["router"]

    model.routing = "hard"
    model.predict(test.only(test.frame["body_part"] == "ELBOW"))
    assert model.members.read == ["expert-ELBOW", "router"]


@pytest.mark.parametrize("damage", [shutil.rmtree, lambda folder: (folder / "model.safetensors").write_bytes(b"cut off")], ids=["gone", "cut"])
def test_a_damaged_expert_is_a_users_error_once_it_is_needed_and_no_sooner(planted, test, tmp_path, damage):
    shutil.copytree(planted.folder, tmp_path / "model")
    damage(tmp_path / "model" / "expert-HAND")
    model = load(tmp_path / "model")
    model.routing = "hard"

    assert len(model.predict(test.only(test.frame["body_part"] != "HAND")))
    with pytest.raises(UserError, match="the cascade's expert-"):
        model.predict(test)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["members"].update({"expert-HAND": "../../elsewhere"}),
        lambda told: told["members"].pop("expert-HAND"),
        lambda told: told["parts"].pop(),
        lambda told: told["networks"].append("expert-SKULL"),
        lambda told: told.pop("preprocess"),
    ],
)
def test_a_description_that_does_not_hold_together_is_refused(planted, tmp_path, change):
    told = json.loads((planted.folder / "model.json").read_text())
    change(told)
    (tmp_path / "model.json").write_text(json.dumps(told))

    with pytest.raises(UserError, match="Copy the model folder again"):
        load(tmp_path)


def test_threads_and_precision_reach_the_members_that_are_read_and_those_that_are_not(model):
    first = model.members["router"]
    model.runtime = Runtime(threads=2, precision="fp32")

    assert first.runtime == model.members["pooled"].runtime == model.runtime == Runtime(threads=2, precision="fp32")


def test_no_picture_is_answered_by_no_row(model, test):
    nothing = model.predict(test.only(np.zeros(len(test), bool)))

    assert len(nothing) == 0 and {*RAW, "route"} <= set(nothing)


def test_it_says_the_same_after_it_was_saved_again(planted, model, test, tmp_path):
    model.save(tmp_path / "again")
    again = load(tmp_path / "again")

    assert again.predict(test).equals(model.predict(test))
    assert (again.parts, again.weights, again.fitting, again.preprocess) == (model.parts, model.weights, model.fitting, model.preprocess)
    assert {path.suffix for path in (tmp_path / "again").rglob("*") if path.is_file()} == {".json", ".safetensors"}
    assert files(tmp_path / "again") == files(planted.folder)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
