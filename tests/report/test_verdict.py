"""The first screen: what the number is, how sure it is, what the split protects against, and what was found."""

import json
import re
from html import unescape
from pathlib import Path

from overread.findings import Effect, Finding, Severity, write
from overread.report import render


def read(folder: Path) -> str:
    """The words of a folder's page, as they stand one after another."""
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", render(folder).read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(unescape(words).split())


def test_the_first_screen_tells_number_interval_cases_protection_findings_and_use(run):
    text = read(run()).partition("Findings Data")[0]

    for said in (
        "Research use only, not a medical device",
        "fractured or not fractured?",
        "0.831 95% interval 0.781 to 0.876",
        "78.3% 73.3 to 82.8 · 94 of 120",
        "412 images (292 not fractured and 120 fractured) in 180 components",
        "sampling of cases, not of retraining",
        "What the split protects against (copy-safe, patients unknown) No identical image",
        "What it does not cover Patients are not known",
        "1 high 1 low 3 images carry two labels",
    ):
        assert said in text


def test_a_leak_is_said_before_the_number_and_a_clean_run_has_no_banner(run):
    folder = run()
    clean = render(folder).read_text(encoding="utf-8")
    leak = Finding(
        "copies",
        "data",
        Severity.LEAK,
        False,
        "97% of test images have a copy in train.",
        Effect("1-nearest-neighbour accuracy", 0.98, 0.96, 0.99, 485),
    )
    write([leak], folder / "findings.json")
    text = read(folder)

    assert "Leak." not in clean
    assert text.index("Leak. 97% of test images") < text.index("0.831 95% interval")
    assert "1-nearest-neighbour accuracy: 0.980 (95% interval 0.960 to 0.990), 485 cases" in text


def test_a_leaked_share_is_said_before_the_number(run):
    folder = run()
    split = json.loads((folder / "split.json").read_text())
    (folder / "split.json").write_text(json.dumps({**split, "leaked_share": 0.966}))
    text = read(folder)

    assert text.index("96.6% of test images share a component with training") < text.index("0.831 95% interval")
    assert "what it lets through" in text


def test_a_grades_sentences_are_parted_into_what_they_say_for_and_against(run):
    folder = run()
    said = "Every scored image has a patient: the score cannot rest on a patient seen before. It does not speak for other hospitals."
    (folder / "split.json").write_text(json.dumps({"grade": "patient-safe", "way": "one fresh split by component", "sentence": said}))
    text = read(folder)

    assert "protects against (patient-safe) Every scored image has a patient: the score cannot rest on a patient seen before. What" in text
    assert "What it does not cover It does not speak for other hospitals." in text


def test_no_interval_is_said_and_why(run):
    folder = run()
    measured = json.loads((folder / "metrics.json").read_text())
    auroc = measured["test"]["label"]["metrics"]["auroc"]
    (folder / "metrics.json").write_text(json.dumps(measured))
    for method, why in (
        ("none: 7 components behind it, 10 are needed", "7 components behind it, 10 are needed"),
        (None, "fewer than 10 components in a class"),
    ):
        auroc.update(low=None, high=None, method=method)
        (folder / "metrics.json").write_text(json.dumps(measured))

        assert f"0.831 No interval: {why}" in read(folder)


def test_folds_are_shown_and_no_threshold_is_said_to_be_theirs(run):
    folder = run()
    recipe = (folder / "recipe.yaml").read_text().replace("split: {fractions: [0.7, 0.15, 0.15]}", "split: {folds: 5}")
    (folder / "recipe.yaml").write_text(recipe)
    text = read(folder)

    assert "fold 1 of 5" in text
    assert "Each fold has a threshold of its own" in text
    assert "Called fractured from a probability" not in text
    assert "scored by a model that did not see it" in text


def test_repeated_reading_of_the_test_rows_is_said(run):
    folder = run()
    assert "choosing between scores" not in read(folder)
    (folder / "test_reads.json").write_text(json.dumps(["2026-03-02T09:29:00+00:00"] * 3))

    assert "The test rows were scored 3 times" in read(folder)


def test_folds_are_named_as_the_split_named_them(run):
    folder = run()
    split = json.loads((folder / "split.json").read_text())
    (folder / "split.json").write_text(json.dumps({**split, "folds": ["site north", "site south", "site east", "site west", "site <mid>"]}))
    text = read(folder)
    assert "site north" in text and "site <mid>" in text and "fold 1 of 5" not in text


def test_a_threshold_that_nobody_chose_is_not_said_to_be_chosen(run):
    folder = run()
    assert "chosen on validation. Rule" in read(folder)
    measured = json.loads((folder / "metrics.json").read_text())
    measured["test"]["label"]["decision"] |= {"threshold": 0.5, "rule": "one half"}
    (folder / "metrics.json").write_text(json.dumps(measured))
    assert "0.500; no threshold was chosen on validation" in read(folder)


def test_where_nothing_was_checked_nothing_is_said_to_speak_for_the_number(run):
    folder = run()
    (folder / "findings.json").write_text("[]")
    assert "nothing to check but the figures" in read(folder)
    assert "Nothing against the number" not in read(folder)


def test_what_stands_beside_the_image_is_named(run):
    folder = run()
    path = folder / "model" / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "columns": ["age", "sex"], "text": ["report"]}))

    assert "From one image, and age, sex and report beside it, " in read(folder)
