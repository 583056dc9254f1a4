import json

import numpy as np
import pytest
import torch

from overread.catalog import Target
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.pictures import Pictures
from overread.learners.base import load
from overread.learners.multitask import Multitask

GRADE = Target("ordinal", ("hand", "hip", "leg"))


def numbers(model, data):
    return model.predict(data).drop(columns="row").to_numpy()


@pytest.mark.parametrize("weights", ["learned", {"label": 2.0}])
def test_a_model_predicts_the_same_after_loading(two, learnt, both, tmp_path, weights):
    data = two(n=30, region=GRADE)
    model, _ = learnt(data, both(weights=weights, head={"kind": "mlp", "hidden": 8}))
    model.save(tmp_path / "model")

    again = load(tmp_path / "model")

    np.testing.assert_allclose(numbers(again, data), numbers(model, data), rtol=0, atol=1e-5)
    np.testing.assert_allclose(again.features(data), model.features(data), rtol=0, atol=1e-5)
    assert (again.targets, again.fitting, again.weights, again.loss_weights) == (model.targets, model.fitting, model.weights, weights)
    told = json.loads((tmp_path / "model" / "model.json").read_text())
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.json", "model.safetensors"]
    assert ("log_variances" in told) == (weights == "learned")
    if weights == "learned":
        assert list(told["log_variances"].values()) == pytest.approx(model.heads.weighing.log_variances.tolist())


def test_each_target_has_a_network_that_gives_its_logits_on_one_trunk(two, learnt):
    data = two(n=30)
    model, _ = learnt(data)
    pixels = model.preprocess.normalise(torch.from_numpy(np.stack([Pictures(data.frame, model.fitting, Cache())[i] for i in range(4)])))

    networks = model.networks()

    said = model.predict(data)
    with torch.inference_mode():
        label, region = networks["label"](pixels), networks["region"](pixels)
    np.testing.assert_allclose(label[:, 0], said["raw:label:broken"][:4], atol=1e-4)
    np.testing.assert_allclose(region, said.filter(like="raw:region")[:4], atol=1e-4)
    assert networks["label"].trunk is networks["region"].trunk
    assert model.speakers(said) == {"label": ["label"] * 30, "region": ["region"] * 30}


def test_all_answers_come_of_one_pass_over_the_pictures(two, learnt):
    data = two(n=30)
    model, _ = learnt(data)
    seen = []
    model.classifier.trunk.network.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))

    model.predict(data)

    assert sum(seen) == 30


def test_no_row_gives_none_and_rows_keep_their_names(two, learnt):
    data = two()
    model, _ = learnt(data)

    empty = model.predict(data.only(np.zeros(len(data), bool)))

    assert (len(empty), list(empty)) == (0, list(model.predict(data)))
    assert model.predict(data.part("test"))["row"].tolist() == data.part("test").frame["row"].tolist()


def test_the_summary_counts_every_head(learnt):
    model, _ = learnt()

    assert model.summary.stages[-1].parameters == 96 * (1 + 3) + (1 + 3)


def test_a_model_cut_off_is_a_users_error(learnt, tmp_path):
    model, _ = learnt()
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    told = json.loads(path.read_text())

    path.write_text(json.dumps({key: value for key, value in told.items() if key != "loss_weights"}))
    with pytest.raises(UserError, match=r"cannot be put together.*loss_weights"):
        Multitask.load(tmp_path / "model")
