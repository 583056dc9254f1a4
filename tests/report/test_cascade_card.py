"""The card of a cascade: each network, its size, what it is for, and which parts share one."""

import json

import pytest

from overread.report.folder import Folder
from overread.report.networks import networks, routed, spoken
from overread.report.render import render
from overread.report.training import training

PART = {"images": 36, "patients": 15, "why": "", "small": False, "shift": [0.0, 0.0]}
TOLD = {
    "kind": "cascade",
    "routing": "soft",
    "abstain": None,
    "targets": {
        "label": {"kind": "binary", "classes": ["not fractured", "fractured"], "positive": "fractured"},
        "body_part": {"kind": "multiclass", "classes": ["hand", "hip", "leg"], "positive": None},
    },
    "parts": [
        {**PART, "name": "hand", "expert": "expert-hand"},
        {**PART, "name": "hip", "expert": "pooled", "patients": 4, "why": "4 patients in train, fewer than 12"},
        {**PART, "name": "leg", "expert": "expert-leg", "small": True},
    ],
    "members": {"router": "router", "pooled": "pooled", "expert-hand": "expert-hand", "expert-leg": "expert-leg"},
    "networks": ["router", "pooled", "expert-hand", "expert-leg"],
}


@pytest.fixture
def cascade(run):
    """A run folder whose model is a cascade."""

    def make(**changed):
        folder = run()
        for place in ("router", "pooled", "expert-hand", "expert-leg"):
            (folder / "model" / place).mkdir()
            member = {"kind": "finetune", "backbone": {"name": "resnet18"}, "summary": {"parameters": 11_177_025}}
            (folder / "model" / place / "model.json").write_text(json.dumps(member))
        (folder / "model" / "model.json").write_text(json.dumps({**TOLD, **changed}))
        return folder

    return make


def test_every_network_says_what_it_answers_how_large_it_is_and_why_a_part_has_none(cascade):
    told = dict(networks(Folder(cascade())))
    assert told["router"] == "resnet18, 11,177,025 parameters; answers body part"
    assert told["expert-hand"].endswith("answers label for hand, learnt from 36 images of 15 patients")
    assert told["expert-leg"].endswith("of 15 patients, going on from the pooled expert")
    assert told["pooled"].endswith("learnt label from all parts; answers for hip (4 patients in train, fewer than 12)")


def test_a_pooled_expert_that_nobody_is_sent_to_says_so(cascade):
    own = [{**part, "expert": f"expert-{part['name']}"} for part in TOLD["parts"] if part["name"] != "hip"]
    assert dict(networks(Folder(cascade(parts=own))))["pooled"].endswith("answers for none, as each has an expert of its own")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "A router names the body part; the parts' experts answer label, mixed by its probabilities."),
        ({"routing": "hard"}, "the likeliest one's expert answers label."),
        ({"abstain": 0.6}, "an answer is marked as abstained where its largest probability is below 0.6."),
    ],
)
def test_how_it_answers_is_one_sentence_on_the_first_screen_and_the_card(cascade, changed, words):
    folder = cascade(**changed)
    assert routed(Folder(folder)).endswith(f"{words} For hip the expert pooled from all parts answers.")
    page = render(folder).read_text()
    assert page.count(words.replace("'", "&#39;")) >= 2
    assert "Layers and parameters of the pooled expert" not in page  # this model.json has no summary
    assert "expert-leg" in page


def test_a_cascade_in_which_no_part_has_an_expert_of_its_own_does_not_claim_experts(cascade):
    folder = Folder(cascade(parts=[{**part, "expert": "pooled"} for part in TOLD["parts"]]))
    assert routed(folder) == (
        "A router names the body part, but no part has an expert of its own: one expert, pooled from all parts, answers label for each."
    )


def test_an_evaluation_on_other_data_says_that_the_model_is_a_cascade_as_the_runs_own_page_does(cascade, external):
    folder = cascade()
    (folder / "status.json").write_text(json.dumps({"state": "done"}))
    page = render(external(folder)).read_text()
    assert "A router names the body part; the parts&#39; experts answer label" in page.partition('class="verdict"')[0]
    assert "answers label for hand, learnt from 36 images of 15 patients" in page
    assert "the model of fracture-a gives" in page


def test_an_evaluation_that_lies_in_no_run_has_no_model(cascade, external):
    cascade()
    assert Folder(external()).model() is None


def test_networks_are_named_in_words_under_a_heat_map(cascade, run):
    folder = Folder(cascade())
    names = {name: spoken(folder, name) for name in ("router", "pooled", "expert-hand", "other")}
    assert names == {"router": "the router", "pooled": "the pooled expert", "expert-hand": "the hand's expert", "other": "other"}
    assert spoken(Folder(run(name="one network")), "pooled") == "pooled"


def test_of_another_model_nothing_is_said(run):
    folder = Folder(run())
    assert (networks(folder), routed(folder)) == ([], "")


def test_a_members_folder_leads_nowhere_else(cascade):
    folder = cascade(members={"router": "../../secret", "pooled": "pooled"})
    (folder.parent / "secret").mkdir()
    (folder.parent / "secret" / "model.json").write_text(json.dumps({"kind": "finetune", "backbone": {"name": "stolen"}}))
    assert dict(networks(Folder(folder)))["router"].startswith("a model, ")


def test_every_network_that_was_trained_is_counted_and_those_of_the_model_that_is_kept_are_shown(cascade):
    folder = cascade()
    parts = [{"part": part, "phase": 1, "epoch": 1, "train_loss": 0.5} for part in ("router", "pooled")]
    lines = [{"repeat": 0, "fold": 0, **line} for line in parts] + parts
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    told = training(Folder(folder))
    assert (told.models, told.parts, [line["part"] for line in told.shown]) == (4, ["router", "pooled"], ["router", "pooled"])
    assert "part" in told.places
    page = render(folder).read_text()
    assert "4 networks, 4 epochs in all. A row of curves a network, a line a fold." in page
    assert "Every epoch of the model that is kept" in page
