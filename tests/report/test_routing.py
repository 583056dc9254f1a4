"""The section of the page that says what routing costs."""

import json

import pytest

from overread.report import render
from overread.report.routing import costs, sentences


def figure(value, half=0.01):
    return {"value": value, "low": None if half is None else value - half, "high": None if half is None else value + half, "method": "none: few"}


def told(lost=0.03, half=0.01, spared=9, caused=3, predictions=100, partly=0, abstention=None):
    """What `routing.json` says of a cascade that sends 12 of 100 studies elsewhere."""
    metrics = {key: {"end_to_end": figure(0.85), "oracle": figure(0.85 + lost), "loss": figure(lost, half)} for key in ("auroc", "accuracy", "brier")}
    errors = {"end_to_end": 20, "oracle": 20 - spared + caused, "spared": spared, "caused": caused, "share": figure(spared / 20)}
    oracle = {"n": 100, "predictions": predictions, "clusters": 60, "elsewhere": 12, "partly": partly, "metrics": metrics, "errors": errors}
    asked = {"kind": "binary", "oracle": oracle, "abstention": abstention, "curve": [], "picture": None}
    router = {"n": 100, "predictions": predictions, "clusters": 60, "unknown": 1, "elsewhere": 12, "metrics": {"accuracy": figure(0.88)}}
    router |= {"confusion": [[45, 5], [7, 43]], "parts": {part: {"n": 50, "metrics": {"sensitivity": figure(0.88)}} for part in ("HAND", "WRIST<b>")}}
    return {"unit": "study", "split": "test", "part": "body_part", "parts": ["HAND", "WRIST<b>"], "router": router, "targets": {"abnormal": asked}}


@pytest.mark.parametrize(
    ("lost", "half", "words", "sign"),
    [
        (0.03, 0.01, "of 100 studies the router sent 12 to another part's expert; that costs 0.030 AUROC (0.020 to 0.040).", 1),
        (0.01, 0.02, "these rows cannot tell whether that costs anything: 0.010 AUROC (−0.010 to 0.030).", 0),
        (-0.03, 0.01, "nothing is lost by that: with the known part's expert the AUROC would be 0.030 lower (0.020 to 0.040).", -1),
        (0.03, None, "with the known part's expert the AUROC lies higher by 0.030, without an interval: few.", 0),
    ],
)
def test_the_loss_is_shown_or_not_or_the_other_way_round(lost, half, words, sign):
    held = told(lost, half)
    assert words in sentences(held)[1]
    assert costs(held["targets"]["abnormal"]["oracle"]) == sign


@pytest.mark.parametrize(
    ("spared", "caused", "words"),
    [
        (9, 3, "of its 20 errors 9 are the router's, 45.0% (44.0 to 46.0): there the known part's expert is right."),
        (9, 3, "It makes 3 errors of its own instead: 6 fewer in all."),
        (2, 5, "It makes 5 errors of its own instead: more than it spares."),
        (2, 0, "2 are the router's, 10.0% (9.0 to 11.0): there the known part's expert is right."),
    ],
)
def test_the_errors_of_the_oracle_router_are_told_too(spared, caused, words):
    assert words in sentences(told(spared=spared, caused=caused))[2]


def test_repeated_predictions_are_no_studies_and_a_unit_that_is_unknown_is_said():
    said = sentences(told(predictions=300))
    assert "of 300 predictions of studies the router sent" in said[1]
    assert said[0].endswith("The part of 1 study is not known.")


def test_rows_that_were_answered_by_several_experts_are_told():
    assert "sent 12 to another part's expert and let others have a say in 30 more; that costs" in sentences(told(partly=30))[1]


def test_abstaining_is_told_beside_all():
    kept = {"n": 100, "predictions": 100, "answered": 90, "coverage": figure(0.9)}
    kept["metrics"] = {"auroc": {"all": figure(0.8), "answered": figure(0.9)}}
    said = sentences(told(abstention=kept))[3]
    assert said.startswith("abnormal: it answers 90 of 100 studies (90%)")
    assert "AUROC 0.900 (0.890 to 0.910) of those it answers, 0.800 (0.790 to 0.810) of all." in said


@pytest.mark.parametrize(("coverage", "words"), [(0.8, "The dashed line is the share that this model answers."), (0.1, "answers fewer than these")])
def test_a_line_is_told_only_where_the_picture_has_it(run, coverage, words):
    folder, both = run(), {"auroc": {"all": figure(0.8), "answered": figure(0.9)}}
    held = told(abstention={"n": 100, "predictions": 100, "answered": 100 * coverage, "coverage": figure(coverage), "metrics": both})
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "figures" / "abstention.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    held["targets"]["abnormal"] |= {"picture": "figures/abstention.svg", "curve": [{"share": 1.0}, {"share": 0.5}]}
    (folder / "routing.json").write_text(json.dumps(held))
    page = render(folder).read_text()

    assert words in page
    assert page.count("The dashed line is the share that this model answers") == (coverage >= 0.5)


def test_the_page_has_the_section_where_there_is_a_router_alone(run):
    folder = run()
    assert 'id="routing"' not in render(folder).read_text()
    (folder / "routing.json").write_text(json.dumps(told()))
    page = render(folder).read_text()

    assert "that costs 0.030 AUROC" in page
    assert "WRIST&lt;b&gt;" in page
    assert "+0.030 <small" in page  # of an AUROC
    assert "+3.0 points <small" in page  # of the accuracy
