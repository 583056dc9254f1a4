"""Cascades whose router was made wrong on purpose: what that costs is known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, recall_score, roc_auc_score

from overread.catalog import Target
from overread.evaluation.abstention import SHARES, abstention, curve
from overread.evaluation.comparison.differences import Scored
from overread.evaluation.counts import Cases
from overread.evaluation.metrics import metrics, point
from overread.evaluation.routing import against_oracle, loss, router

ILL = Target("binary", ("negative", "positive"), "positive")
PARTS = Target("multiclass", ("ELBOW", "HAND", "WRIST"))
CASE = ("abnormal", ILL, "body_part", PARTS)


def of_router(made):
    return router(made.rows, "body_part", PARTS, made.clusters, draws=300, seed=0)


def against(made, **more):
    return against_oracle(made.rows, *CASE, made.clusters, **{"draws": 300, "seed": 0, **more})


def test_the_router_is_measured_as_scikit_learn_does_and_unknown_parts_are_left_out(routed):
    made = routed(wrong=0.15, unknown=20)
    told, known = of_router(made), made.rows[made.rows["truth:body_part"].notna()]
    truth, route = known["truth:body_part"], known["route"]

    assert (told["n"], told["unknown"]) == (len(known), 20)
    assert told["elsewhere"] == (truth != route).sum() > 20
    assert told["metrics"]["accuracy"]["value"] == pytest.approx(accuracy_score(truth, route))
    assert told["metrics"]["kappa"]["value"] == pytest.approx(cohen_kappa_score(truth, route))
    assert told["confusion"] == confusion_matrix(truth, route, labels=list(PARTS.classes)).tolist()
    recall = recall_score(truth, route, labels=list(PARTS.classes), average=None)
    assert [told["parts"][part]["metrics"]["sensitivity"]["value"] for part in PARTS.classes] == pytest.approx(recall)
    assert told["metrics"]["accuracy"]["low"] < told["metrics"]["accuracy"]["value"] < told["metrics"]["accuracy"]["high"]


def test_a_router_that_is_always_right_loses_nothing_and_says_so(routed):
    told = against(routed(wrong=0))

    assert {entry["loss"]["value"] for entry in told["metrics"].values()} == {0}
    assert {entry["loss"]["method"] for entry in told["metrics"].values()} == {"none: every row has the answer of its own part's expert"}
    assert (told["elsewhere"], told["errors"]["spared"], told["errors"]["caused"]) == (0, 0, 0)
    assert told["errors"]["share"]["value"] == 0
    assert of_router(routed(wrong=0))["metrics"]["accuracy"]["value"] == 1


def test_the_loss_is_what_the_wrong_routes_cost_on_the_rows_whose_part_is_known(routed):
    made = routed(wrong=0.2, unknown=20)
    told, known = against(made), made.rows[made.rows["truth:body_part"].notna()]
    ill = known["truth:abnormal"] == "positive"
    costs = roc_auc_score(ill, known["oracle-p:abnormal:positive"]) - roc_auc_score(ill, known["p:abnormal:positive"])
    lost = told["metrics"]["auroc"]["loss"]

    assert (told["n"], told["elsewhere"]) == (len(known), (known["route"] != known["truth:body_part"]).sum())
    assert lost["value"] == pytest.approx(costs)
    assert 0 < lost["low"] < costs < lost["high"]
    wrong, without = ((known[column] == "positive") != ill for column in ("decision:abnormal", "oracle-decision:abnormal"))
    counts = {"end_to_end": wrong.sum(), "oracle": without.sum(), "spared": (wrong & ~without).sum(), "caused": (without & ~wrong).sum()}
    assert {key: told["errors"][key] for key in counts} == counts
    assert told["errors"]["share"]["value"] == pytest.approx(counts["spared"] / counts["end_to_end"])
    assert told["errors"]["share"]["low"] > 0


def test_where_the_known_parts_expert_is_the_worse_one_the_loss_is_below_nought(routed):
    told = against(routed(wrong=0.3, turned=True))
    assert told["metrics"]["auroc"]["loss"]["high"] < 0
    assert told["errors"]["caused"] > told["errors"]["spared"]


def test_rows_in_which_others_had_a_say_are_counted_apart_from_those_sent_elsewhere(routed):
    made = routed(wrong=0.2)
    right = (made.rows["route"] == made.rows["truth:body_part"]).to_numpy()
    mixed = right & (np.arange(len(right)) % 2 == 0)
    made.rows.loc[mixed, "p:abnormal:positive"] *= 0.9
    made.rows["p:abnormal:negative"] = 1 - made.rows["p:abnormal:positive"]
    told = against(made)

    assert (told["elsewhere"], told["partly"]) == ((~right).sum(), mixed.sum())


def test_few_components_elsewhere_leave_a_ranking_without_an_interval_but_not_a_proportion(routed):
    told = against(routed(elsewhere=4))["metrics"]
    assert told["auroc"]["loss"]["method"] == "none: 4 components answered by another expert, 10 are needed"
    assert told["auroc"]["loss"]["value"] > 0
    assert told["accuracy"]["loss"]["low"] <= told["accuracy"]["loss"]["value"] <= told["accuracy"]["loss"]["high"]


@pytest.mark.parametrize("column", ["oracle-decision:abnormal", "truth:body_part"])
def test_without_an_oracle_or_a_known_part_there_is_no_loss_to_tell(routed, column):
    made = routed(wrong=0.2)
    made.rows[column] = None
    assert against(made._replace(rows=made.rows.drop(columns=column) if column.startswith("oracle") else made.rows)) is None


def test_repeated_predictions_do_not_narrow_the_interval(routed):
    once = routed(wrong=0.2)
    thrice = once._replace(rows=pd.concat([once.rows] * 3, ignore_index=True))
    few, many = against(once), against(thrice)

    assert (many["n"], many["predictions"]) == (few["n"], 3 * few["n"])
    assert many["metrics"]["auroc"]["loss"] == pytest.approx(few["metrics"]["auroc"]["loss"])


def test_abstaining_is_told_beside_all_rows_and_the_curve_answers_the_surest(routed):
    made = routed(wrong=0.2, abstain=0.6)
    told = abstention(made.rows, "abnormal", ILL, made.clusters, draws=300, seed=0)
    answered = made.rows[~made.rows["abstained:abnormal"]]

    assert (told["predictions"], told["answered"]) == (len(made.rows), len(answered))
    assert 0 < told["coverage"]["low"] < len(answered) / len(made.rows) < told["coverage"]["high"] < 1
    auroc = roc_auc_score(answered["truth:abnormal"] == "positive", answered["p:abnormal:positive"])
    assert told["metrics"]["auroc"]["answered"]["value"] == pytest.approx(auroc)
    assert auroc > told["metrics"]["auroc"]["all"]["value"]  # unsure routes are the wrong ones here
    points = curve(made.rows, *CASE, made.clusters, draws=300, seed=0)
    assert [p["share"] for p in points] == pytest.approx(SHARES, abs=0.01)
    assert points[-1]["metrics"]["auroc"]["value"] > points[0]["metrics"]["auroc"]["value"]
    assert abstention(routed().rows, "abnormal", ILL, made.clusters, draws=300, seed=0) is None


def test_where_no_row_is_answered_there_is_no_figure_of_the_answered(routed):
    made = routed(abstain=1.1)
    told = abstention(made.rows, "abnormal", ILL, made.clusters, draws=300, seed=0)
    assert (told["answered"], told["coverage"]["value"]) == (0, 0)
    assert told["metrics"]["auroc"]["answered"] == {"value": None, "low": None, "high": None, "method": "none: no row is answered"}


def simulate(random, patients):
    """A cascade of images in studies in patients, a tenth of whose images go to an expert that sees a third of the illness."""
    patient = np.repeat(np.arange(patients), random.integers(1, 4, patients))
    study = np.repeat(np.arange(len(patient)), random.integers(1, 5, len(patient)))
    ill = (random.random(len(patient)) < 0.45).astype(int)[study]
    shared = 0.5 * random.normal(size=patients)[patient[study]] + 0.5 * random.normal(size=len(patient))[study]
    right, other = (2.2 * sight * (ill - 0.5) + bias + shared + 0.7 * random.normal(size=len(study)) for sight, bias in ((1, 0), (0.3, -0.3)))
    scores = [1 / (1 + np.exp(-raw)) for raw in (right, np.where(random.random(len(study)) < 0.1, other, right))]
    row = np.arange(len(study))
    return [Scored(Cases(ill, np.stack([1 - p, p], 1), (p >= 0.5).astype(int)), row, patient[study]) for p in scores]


def test_with_a_tenth_routed_wrongly_the_interval_covers_the_planted_loss_in_90_of_100_simulations():
    chosen = {name: metrics("binary")[name] for name in ("auroc", "accuracy", "sensitivity", "kappa")}
    oracle, end = (point(each.cases, chosen) for each in simulate(np.random.default_rng(1), 100_000))
    held, random = dict.fromkeys(chosen, 0), np.random.default_rng(2)
    for number in range(100):
        for name, lost in loss(*simulate(random, 200), chosen, draws=300, seed=number).items():
            held[name] += lost.low <= oracle[name] - end[name] <= lost.high

    assert min(oracle[name] - end[name] for name in chosen) > 0.02
    assert min(held.values()) >= 90, held
