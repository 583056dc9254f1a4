"""A comparison's words: what may be said of two models, of several, and of those that were not tested."""

import json

import pytest

from overread.report.compare import apart, cells, difference, guessing, p_value, render_comparison, seconds, verdict, words

FIGURES = ("accuracy", "sensitivity", "specificity", "auroc")


def between(one, other, value, p, half=0.05):
    """What `comparison.json` says of a pair; no p, no interval."""
    low, high = (None, None) if p is None else (value - half, value + half)
    method = "none: 7 components behind it, 10 are needed" if p is None else "paired cluster bootstrap"
    entry = {"value": value, "low": low, "high": high, "p": p, "p_holm": p, "method": method}
    return {"one": one, "other": other, "metrics": dict.fromkeys(FIGURES, entry), "delong": None, "mcnemar": None}


def comparison(values, *pairs):
    """A comparison of models with these AUROCs."""
    metrics = {name: {key: {"value": v, "low": v - 0.04, "high": v + 0.03, "method": ""} for key in FIGURES} for name, v in values.items()}
    table = {name: {"n": 120, "clusters": 60, "metrics": told, "confusion": [[50, 10], [12, 48]]} for name, told in metrics.items()}
    label = {"kind": "binary", "classes": ["normal", "ill"], "positive": "ill", "shown": list(FIGURES), "grades": ["patient-safe"]}
    label |= {
        "table": table,
        "roc": None,
        "n": 120,
        "clusters": 60,
        "subgroups": {},
        "classic": "120 rows are in 60 components",
        "pairs": list(pairs),
    }
    costs = {"train_seconds": 90.0, "fits": 6, "images_per_second": 41.5, "bytes": 94_000_000, "resumed": True, "stored": False}
    models = {name: {"backbone": None, "learner": None, "costs": costs if i else {}} for i, name in enumerate(values)}
    return {
        "part": "test",
        "unit": "image",
        "models": models,
        "not_run": {"clip<b>": "no weights"},
        "remarks": [],
        "leaks": {},
        "targets": {"label": label},
    }


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.003, "b has the higher AUROC, 0.900 against 0.850 of a, and these rows tell the two apart (difference +0.050 (0.000 to 0.100), p 0.003)."),
        (0.3, "but these rows cannot tell the two apart"),
        (None, "whether that is more than chance was not tested: 7 components behind it, 10 are needed."),
    ],
)
def test_two_models_are_told_apart_or_not_or_were_not_tested(p, words):
    assert words in verdict(comparison({"a": 0.85, "b": 0.9}, between("a", "b", -0.05, p)), "label").sentence


def test_of_several_the_best_is_set_against_each():
    three = {"a": 0.85, "b": 0.9, "c": 0.95}
    found = verdict(comparison(three, between("a", "b", -0.05, 0.4), between("a", "c", -0.1, 0.001), between("b", "c", -0.05, 0.2, 0.1)), "label")

    assert (found.order, found.told, found.pairs) == (["c", "b", "a"], 1, 3)
    assert found.sentence == "c has the highest AUROC, 0.950: these rows tell it from a, but not from b."
    assert found.reach == pytest.approx((0.05, 0.1))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.001, "tell it from all 2 others."),
        (0.9, "but these rows cannot tell it from any other model."),
        (None, "was not tested: 7 components behind"),
    ],
)
def test_the_best_is_told_from_all_or_none_or_was_not_tested(p, words):
    pairs = [between(one, other, -0.05, p) for one, other in ("ab", "ac", "bc")]
    assert words in verdict(comparison({"a": 0.85, "b": 0.9, "c": 0.95}, *pairs), "label").sentence


def test_a_pair_turned_around_changes_its_sign_and_its_ends():
    turned = cells([between("a", "b", -0.05, 0.2)])["b", "a"]["metrics"]["auroc"]
    assert (turned["value"], turned["low"], turned["high"], turned["p"]) == pytest.approx((0.05, 0.0, 0.1, 0.2))


def test_numbers_are_written_as_journals_print_them():
    assert [p_value(p) for p in (None, 0.0002, 0.0312, 1.0)] == ["–", "<0.001", "0.031", "1"]
    assert difference({"value": 0.021, "low": -0.004, "high": 0.046}, "auroc") == "+0.021 (−0.004 to 0.046)"
    assert difference({"value": -0.021, "low": None, "high": None}, "accuracy") == "−2.1 points (no interval)"
    assert difference({"value": 0.0, "low": None, "high": None}, "auroc", False) == "0.000"
    assert [seconds(s) for s in (None, 1.42, 41.2, 1920, 8640)] == ["", "1.4 s", "41 s", "32 min", "2.4 h"]
    assert not apart({"p_holm": None})


def test_a_threshold_is_spoken_of_where_there_is_one(tmp_path):
    told = comparison({"a": 0.85, "b": 0.9}, between("a", "b", -0.05, 0.3))
    pages = []
    for kind in ("binary", "multiclass"):
        told["targets"]["label"]["kind"] = kind
        (tmp_path / "comparison.json").write_text(json.dumps(told))
        pages.append(render_comparison(tmp_path).read_text())

    assert ["own threshold" in page for page in pages] == [True, False]
    assert ["likeliest class is called" in page for page in pages] == [False, True]


def test_a_p_that_was_adjusted_over_pairs_says_so_and_a_row_names_backbones_and_head(tmp_path):
    pairs = [between(one, other, -0.05, 0.3) for one, other in ("ab", "ac", "bc")]
    told = comparison({"a": 0.85, "b": 0.9, "c": 0.95}, *pairs)
    told["models"]["b"] |= {"backbone": "resnet50 + efficientnet-lite0", "learner": "probe", "head": "svm"}
    told["models"]["c"] |= {"backbone": "resnet50", "learner": "finetune"}
    (tmp_path / "comparison.json").write_text(json.dumps(told))
    page = render_comparison(tmp_path).read_text()

    assert "not told apart, p 0.300 after Holm<" in page
    assert "resnet50 + efficientnet-lite0, probe, svm<" in page
    assert "resnet50, finetune<" in page


def test_the_page_holds_all_of_it_and_asks_nothing_of_any_host(tmp_path):
    told = comparison({"a": 0.85, "b": 0.9}, between("a", "b", -0.05, 0.3))
    (tmp_path / "comparison.json").write_text(json.dumps(told))
    page = render_comparison(tmp_path).read_text()

    assert "b has the higher AUROC, 0.900 against 0.850 of a, but these rows cannot tell the two apart" in page
    assert "clip&lt;b&gt;" in page
    assert "not told apart, p 0.300<" in page
    assert "120 rows are in 60 components" in page
    assert "A model is bold" not in page  # no covariate was declared
    for cost in ("90 s training", "6 fits", "since it was resumed", "42 images/s", "94.0 MB"):
        assert cost in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert words(told, "label")[0] == "label: 120 test images in 60 components"


def test_units_are_studies_and_differences_of_percentages_are_points_where_they_are(tmp_path):
    told = {**comparison({"a": 0.85, "b": 0.9}, between("a", "b", -0.05, 0.3)), "unit": "study"}
    (tmp_path / "comparison.json").write_text(json.dumps(told))
    page = render_comparison(tmp_path).read_text()

    assert "120 studies, 60 components" in page
    assert "120 images" not in page
    assert "Drawn, ±10.0 points<" in page and "Drawn, ±0.100<" in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": 0.4, "b": 0.5}, "by their own intervals: both models."),
        ({"a": 0.53, "b": 0.9}, "by their own intervals: a."),
        ({"a": 0.85, "b": 0.9}, ""),
    ],
)
def test_models_that_are_not_shown_to_beat_chance_are_named(tmp_path, values, words):
    told = comparison(values, between("a", "b", -0.05, 0.3))
    assert guessing(told["targets"]["label"]).endswith(words)
    (tmp_path / "comparison.json").write_text(json.dumps(told))
    assert ("better than chance" in render_comparison(tmp_path).read_text()) is bool(words)
