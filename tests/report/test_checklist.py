"""Both guidelines are asked in full, and an answer that the run does not know stays open."""

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
