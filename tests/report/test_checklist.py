"""Both guidelines are asked in full, and an answer that the run does not know stays open."""

import json
from importlib import resources

import yaml

from overread.report import render

LETTERS = {3: "abc", 5: "ab", 6: "abc", 8: "abc", 9: "abc", 12: "abcdefg", 18: "abcdef", 20: "abc", 23: "ab", 27: "abc"}
TRIPOD = [f"{number}{letter}" for number in range(1, 28) for letter in LETTERS.get(number, [""])]


def items() -> list[dict]:
    return yaml.safe_load((resources.files("overread.report") / "checklist.yaml").read_text(encoding="utf-8"))


def test_every_item_of_claim_2024_and_of_tripod_ai_is_asked_once():
    assert sorted(number for item in items() for number in item.get("claim", [])) == list(range(1, 45))
    assert sorted(str(number) for item in items() for number in item.get("tripod", [])) == sorted(TRIPOD)


def test_every_item_ends_in_an_answer_or_in_what_is_open():
    assert [item["topic"] for item in items() if not (item.get("answer") or item.get("open") or item.get("else"))] == []


def test_what_the_run_knows_is_filled_in_and_the_rest_is_open(run, predictions_only):
    whole, bare = (render(folder).read_text(encoding="utf-8") for folder in (run(), predictions_only))

    assert "24,033,089 parameters" in whole
    assert "Open: you must state libraries and versions." not in whole
    assert "Open: you must state libraries and versions." in bare
    assert "Open: you must state committee and number" in whole


def test_packages_keep_the_names_under_which_they_are_installed(run):
    folder = run()
    (folder / "environment.json").write_text(json.dumps({"versions": {"scikit-learn": "1.9.1"}}))
    page = render(folder).read_text(encoding="utf-8")

    assert page.count("scikit-learn 1.9.1") == 2
    assert "scikit learn" not in page


def test_a_head_that_was_solved_is_a_model_that_was_developed_trained_and_chosen(run):
    folder = run()
    lines = [{"event": "strength", "strength": strength, "held_out_loss": strength, "chosen": strength == 0.1} for strength in (0.1, 1.0)]
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = render(folder).read_text(encoding="utf-8")

    assert "Development of a classifier with internal testing." in page
    assert "1 head solved on features of a frozen backbone" in page
    assert "Of each head the strength with the smallest log loss" in page
    assert "Of each network the epoch" not in page


def test_of_a_model_of_several_networks_the_size_of_one_is_not_given_as_its_size(run):
    folder = run()
    told = json.loads((folder / "model" / "model.json").read_text())
    (folder / "model" / "model.json").write_text(json.dumps({**told, "members": {"router": "router", "pooled": "pooled"}}))
    page = render(folder).read_text(encoding="utf-8")

    assert "(safetensors); 2 networks, the size of each on the card." in page
    assert "(safetensors); 24,033,089" not in page


def test_pixels_are_the_only_input_unless_columns_are_read_too(run):
    folder = run()
    alone = render(folder).read_text(encoding="utf-8")
    told = json.loads((folder / "model" / "model.json").read_text())
    (folder / "model" / "model.json").write_text(json.dumps({**told, "columns": ["age"]}))

    assert "are the only input." in alone
    assert "are the only input." not in render(folder).read_text(encoding="utf-8")


def test_balance_is_told_of_every_network_that_has_one(run):
    folder = run()
    (folder / "recipe.yaml").write_text("learner: {router: {balance: weights}, expert: {balance: none}}\nevaluation: {calibrate: true}\n")
    assert "balance of the router: weights; balance of the experts: none; probabilities were" in render(folder).read_text(encoding="utf-8")
