"""What a run's folder says of its cascade's routing, in files, words and a finding."""

import json

import pandas as pd
import pytest

from overread.catalog import Catalog, Target
from overread.experiment.scoring.routing import score_routing
from overread.findings import Severity
from overread.recipe import Evaluation

TARGETS = {
    "abnormal": Target("binary", ("negative", "positive"), "positive"),
    "body_part": Target("multiclass", ("ELBOW", "HAND", "WRIST")),
}
PLAN = Evaluation(unit="study", draws=300)


@pytest.fixture
def scored(routed, tmp_path):
    """Measure a made-up cascade into tmp_path: words, findings, and what `routing.json` says."""

    def make(change=lambda rows: rows, **shape):
        made = routed(**shape)
        rows = change(made.rows)
        labels = {name: rows[f"truth:{name}"] for name in TARGETS}
        frame = pd.DataFrame({"row": rows["row"], "image": rows["row"], "component": made.clusters.to_numpy(), **labels})
        words, findings = score_routing(tmp_path, rows, Catalog(frame, TARGETS), PLAN, 0)
        file = tmp_path / "routing.json"
        return words, findings, json.loads(file.read_text()) if file.exists() else None

    return make


def test_a_wrong_router_is_told_with_what_it_costs_and_its_rows_the_surest_first(scored, tmp_path):
    words, [finding], told = scored(wrong=0.2)
    rows, lost = pd.read_csv(tmp_path / "routing.csv"), told["targets"]["abnormal"]["oracle"]["metrics"]["auroc"]["loss"]
    sent = told["router"]["elsewhere"]

    assert words[0].startswith("The router agrees with the known part in ")
    assert words[1].startswith(f"abnormal: of 360 studies the router sent {sent} to another part's expert; that costs {lost['value']:.3f} AUROC (")
    assert "are the router's" in words[2]
    assert (finding.severity, finding.passed, finding.effect.value) == (Severity.HIGH, False, sent / 360)
    assert finding.effect.low < sent / 360 < finding.effect.high
    assert len(rows) == sent
    assert (rows["known"] != rows["route"]).all()
    assert rows["confidence"].is_monotonic_decreasing
    assert (told["unit"], told["part"], told["split"]) == ("study", "body_part", "test")
    assert "answered" in (tmp_path / told["targets"]["abnormal"]["picture"]).read_text()


def test_a_right_router_passes_and_nothing_is_lost(scored):
    words, [finding], told = scored()
    assert words[1] == "abnormal: of 360 studies the router sent none to another part's expert: nothing is lost by routing."
    assert (finding.passed, told["router"]["elsewhere"]) == (True, 0)


def test_a_better_expert_elsewhere_is_no_loss_and_the_disagreement_is_of_low_severity(scored):
    words, [finding], _ = scored(wrong=0.3, turned=True)
    assert "nothing is lost by that: with the known part's expert the AUROC would be" in words[1]
    assert "more than it spares" in words[2]
    assert (finding.severity, finding.passed) == (Severity.LOW, False)


def test_rows_that_the_router_leaves_unanswered_are_told_beside_all(scored):
    words, _, told = scored(wrong=0.2, abstain=0.6)
    kept = told["targets"]["abnormal"]["abstention"]
    assert words[3].startswith(f"abnormal: it answers {kept['answered']} of 360 studies")
    assert "of those it answers" in words[3]


def test_unknown_parts_are_counted_and_if_none_is_known_nothing_is_compared(scored):
    words, _, told = scored(wrong=0.2, unknown=30)
    assert words[0].endswith("The part of 30 studies is not known.")
    assert told["targets"]["abnormal"]["oracle"]["n"] == 330
    words, findings, told = scored(wrong=0.2, unknown=360, change=lambda rows: rows.drop(columns=[c for c in rows if c.startswith("oracle")]))
    assert words == ["The body part of no study is known, so what the router says cannot be checked."]
    assert (findings, told["targets"]["abnormal"]["oracle"]) == ([], None)


def test_too_few_patients_leave_the_finding_undecided(scored):
    _, [finding], _ = scored(wrong=0.5, patients=6)
    assert (finding.passed, finding.effect.low) == (None, None)


def test_a_model_that_routes_nothing_has_no_routing(scored, tmp_path):
    assert scored(change=lambda rows: rows.drop(columns="route")) == ([], [], None)
    assert scored(change=lambda rows: rows.assign(split="val")) == ([], [], None)
    assert not list(tmp_path.iterdir())
