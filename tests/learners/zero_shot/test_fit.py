"""The same probabilities as open_clip gives, from a file of its tensors; nothing is learnt, and no word tower is kept."""

import json
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from overread.catalog import Target
from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.pictures import Pictures
from overread.learners.base import load
from overread.learners.network.model import NetworkModel
from overread.recipe import check

import open_clip  # isort: skip

PROMPTS = {"broken": ["an X-ray of a broken bone.", "a fracture"], "not broken": ["an X-ray of a sound bone.", "a bone without fracture"]}


def probabilities(model: NetworkModel, data: Any) -> np.ndarray:
    raw = torch.from_numpy(model.predict(data).iloc[:, 1:].to_numpy(copy=True))
    return torch.softmax(raw, dim=1).numpy()


def theirs(clip: Any, model: NetworkModel, data: Any, prompts: list[list[str]]) -> np.ndarray:
    """What open_clip's own zero-shot classifier makes of the same pixels."""
    names = [str(place) for place in range(len(prompts))]
    templates = [lambda place, n=n: prompts[int(place)][n] for n in range(len(prompts[0]))]
    with torch.inference_mode():
        layer = open_clip.build_zero_shot_classifier(clip, open_clip.SimpleTokenizer(), names, templates)
        pictures = torch.from_numpy(np.stack(list(Pictures(data.frame, model.fitting, Cache()))))
        seen = clip.encode_image(model.preprocess.normalise(pictures), normalize=True)
        return torch.softmax(clip.logit_scale.exp() * seen @ layer, dim=1).numpy()


def three(data: Any) -> Any:
    labels = data.frame["label"].mask(data.frame["site"] == "a", "else_where")
    return replace(data, frame=data.frame.assign(label=labels), targets={"label": Target("multiclass", ("broken", "else_where", "not broken"))})


def test_two_classes_have_open_clips_probabilities(catalog, clip, asking, asked):
    data = catalog(20)
    model = asked(data, asking(prompts=PROMPTS))

    expected = theirs(clip, model, data, [PROMPTS["not broken"], PROMPTS["broken"]])

    assert expected.std(axis=0).min() > 1e-3  # pictures are told apart, or the test would say nothing
    np.testing.assert_allclose(probabilities(model, data), expected, atol=1e-4)


def test_several_classes_have_them_too_and_templates_fill_in_the_class(catalog, clip, asking, asked):
    data = three(catalog(20))
    model = asked(data, asking(templates=["a film with {class}.", "{class}"]))

    names = ["broken", "else where", "not broken"]
    np.testing.assert_allclose(probabilities(model, data), theirs(clip, model, data, [[f"a film with {name}.", name] for name in names]), atol=1e-4)


def test_safetensors_give_the_same_as_torchs_file(catalog, clip, asking, asked, tmp_path):
    save_file({name: tensor.contiguous() for name, tensor in clip.state_dict().items()}, tmp_path / "clip.safetensors")
    data = catalog(12)

    one, other = (asked(data, asking(prompts=PROMPTS, backbone=change)) for change in ({}, {"weights": str(tmp_path / "clip.safetensors")}))

    np.testing.assert_array_equal(probabilities(one, data), probabilities(other, data))


def test_nothing_is_learnt(catalog, asking, asked):
    data = catalog(20)
    shuffled = data.frame.assign(label=data.frame["label"].sample(frac=1, random_state=0).to_numpy(), file="nowhere.png")

    one, other = asked(data, asking(prompts=PROMPTS)), asked(data.replace(shuffled), asking(prompts=PROMPTS))

    np.testing.assert_array_equal(one.predict(data).iloc[:, 1:], other.predict(data).iloc[:, 1:])


def test_the_saved_model_needs_neither_open_clip_nor_the_word_tower(catalog, asking, asked, tmp_path, monkeypatch):
    data = catalog(20)
    model = asked(data, asking(prompts=PROMPTS))
    model.save(tmp_path / "model")
    monkeypatch.setitem(sys.modules, "open_clip", None)

    again = load(tmp_path / "model")

    np.testing.assert_array_equal(again.predict(data).iloc[:, 1:], model.predict(data).iloc[:, 1:])
    assert json.loads((tmp_path / "model" / "model.json").read_text())["kind"] == "zero-shot"
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 40e6  # the tower's vocabulary alone has 25
    assert not any("token_embedding" in name for name in again.classifier.state_dict())
    assert again.weights == model.weights != {}
    assert again.notes == model.notes == {"prompts": PROMPTS}


def test_the_prompts_are_in_the_log(catalog, asking, asked, tmp_path):
    asked(catalog(8), asking(prompts=PROMPTS))

    [event] = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert event["event"] == "prompts" and event["prompts"] == PROMPTS


@pytest.mark.parametrize(
    ("backbone", "learner", "said"),
    [
        ({"name": "test_vit", "weights": None}, {}, "test_vit does not read words"),
        ({"name": "efficientnet-lite0", "weights": None}, {}, "efficientnet-lite0 does not read words"),
        ({"pool": "token"}, {}, "asked in words as it was trained"),
        ({"pretrained": False, "weights": None}, {}, "asked in words as it was trained"),
        ({}, {"prompts": {"brokn": ["a"]}}, "the data have no class 'brokn'"),
        ({}, {"prompts": {"broken": ["bone " * 90]}}, "longer than the 75 tokens"),
    ],
)
def test_what_cannot_be_asked_is_a_users_error(catalog, asking, asked, backbone, learner, said):
    with pytest.raises(UserError, match=said):
        asked(catalog(8), asking(backbone=backbone, **learner))


def test_weights_without_a_word_tower_and_a_missing_extra_say_so(catalog, clip, asking, asked, tmp_path, monkeypatch):
    torch.save({name: tensor for name, tensor in clip.state_dict().items() if name.startswith("visual.")}, tmp_path / "tower.pt")

    with pytest.raises(UserError, match="no text tower of CLIP is in these weights"):
        asked(catalog(8), asking(backbone={"weights": str(tmp_path / "tower.pt")}))
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(UserError, match=r"pip install 'overread\[clip\]'"):
        asked(catalog(8), asking())


def test_without_a_file_and_a_hub_what_can_be_done_is_said(catalog, asking, asked, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "nowhere")

    with pytest.raises(UserError, match=r"no weights of both towers of 'vit_xsmall.*whole CLIP.*connect to huggingface\.co once") as said:
        asked(catalog(8), asking(backbone={"weights": None}))
    assert not any(words in str(said.value) for words in ("efficientnet-lite0", "pretrained=false"))


@pytest.mark.parametrize(("learner", "said"), [({"templates": ["a film"]}, "has no place for the class"), ({"prompts": {"broken": []}}, "prompts")])
def test_options_that_make_no_sense_are_refused(learner, said):
    with pytest.raises(UserError, match=said):
        check({"learner": {"kind": "zero-shot", **learner}}, "test")
