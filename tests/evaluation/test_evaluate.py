import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from overread.catalog import Target
from overread.evaluation.evaluate import evaluate

FOUR = Target("multiclass", ("glioma", "meningioma", "normal", "pituitary"))
GRADES = Target("ordinal", ("0", "1", "2"))


def run(study, **more):
    return evaluate(study.predictions, "dx", study.target, study.clusters, **study.arguments(**more))


def test_a_binary_entry_holds_the_figures_of_the_frame_and_is_plain_json(study):
    some = study()
    entry = run(some, prevalence=0.1)
    frame = some.predictions

    assert (entry["unit"], entry["n"], entry["clusters"], entry["grade"]) == ("image", 240, 80, "patient-safe")
    assert entry["prevalence"] == {"healthy": 0.5, "ill": 0.5}
    assert entry["metrics"]["auroc"]["value"] == pytest.approx(roc_auc_score(frame["truth:dx"] == "ill", frame["p:dx:ill"]), abs=1e-12)
    assert entry["confusion"] == confusion_matrix(frame["truth:dx"], frame["decision:dx"], labels=["healthy", "ill"]).tolist()
    assert entry["metrics"]["ppv_at_prevalence"]["value"] < entry["metrics"]["ppv"]["value"]
    assert entry["decision"]["threshold"] == some.decision.threshold
    assert entry["classes"] == {}
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry


def test_at_half_is_of_the_raw_probabilities_and_calibration_moves_what_is_calibrated_only(study):
    some = study()
    entry = run(some)
    called = some.predictions["raw:dx:ill"] >= 0

    assert entry["at_half"]["accuracy"]["value"] == pytest.approx((called == (some.predictions["truth:dx"] == "ill")).mean())
    assert entry["at_half"]["auroc"]["value"] == pytest.approx(entry["metrics"]["auroc"]["value"])
    assert entry["at_half"]["log_loss"]["value"] > entry["metrics"]["log_loss"]["value"]


def test_rows_of_unknown_truth_are_counted_and_change_nothing_else(study):
    some = study()
    known = run(some)
    hidden = some.predictions.iloc[:7].assign(**{"truth:dx": None, "row": [f"x{i}" for i in range(7)]})
    entry = evaluate(pd.concat([some.predictions, hidden]), "dx", some.target, some.clusters, **some.arguments())

    assert entry["unknown_truth"] == 7
    assert {**entry, "unknown_truth": 0} == known


def test_delong_stands_beside_the_bootstrap_only_where_each_component_has_one_row(study):
    alone, several = study(n=80, patients=80), study(n=240, patients=80)

    delong, bootstrap = (run(alone)["metrics"][name] for name in ("auroc_delong", "auroc"))
    assert delong["method"] == "DeLong" and delong["low"] == pytest.approx(bootstrap["low"], abs=0.03)
    assert "auroc_delong" not in run(several)["metrics"]


def test_several_classes_have_figures_of_each_against_the_rest(study):
    some = study(FOUR)
    entry = run(some)
    each = entry["classes"]

    assert set(each) == set(FOUR.classes) and np.shape(entry["confusion"]) == (4, 4)
    assert np.mean([one["metrics"]["auroc"]["value"] for one in each.values()]) == pytest.approx(entry["metrics"]["auroc"]["value"])
    assert np.mean([one["metrics"]["sensitivity"]["value"] for one in each.values()]) == pytest.approx(entry["metrics"]["balanced_accuracy"]["value"])
    assert sum(one["n"] for one in each.values()) == entry["n"]
    assert "sensitivity" not in entry["metrics"] and "kappa_quadratic" not in entry["metrics"]
    assert "kappa_quadratic" in run(study(GRADES))["metrics"]


def test_subgroups_split_the_rows_and_small_ones_have_no_interval(study):
    some = study()
    small = some.covariates.assign(site=np.where(np.arange(240) % 80 < 6, "far", "near"))
    entry = run(some, covariates=small)["subgroups"]

    assert set(entry) == {"sex", "age", "site"}
    assert list(entry["sex"]) == ["f", "m", "unknown"] and len(entry["age"]) == 3
    assert all(sum(level["n"] for level in levels.values()) == 240 for levels in entry.values())
    assert entry["site"]["far"]["clusters"] == 6
    assert entry["site"]["far"]["metrics"]["auroc"]["low"] is None
    assert entry["site"]["near"]["metrics"]["auroc"]["low"] is not None


def test_thirds_of_a_number_are_named_by_the_least_and_the_most_in_them(study):
    some = study()
    age = pd.DataFrame({"age": 20 + np.arange(240) % 60}, index=some.covariates.index)
    assert list(run(some, covariates=age)["subgroups"]["age"]) == ["20 to 39", "40 to 59", "60 to 79"]


def test_a_covariate_of_many_levels_keeps_the_largest_and_pools_the_rest(study):
    some = study()
    many = pd.DataFrame({"device": [f"d{i % 30}" if i % 2 else "main" for i in range(240)]}, index=some.covariates.index)
    levels = run(some, covariates=many)["subgroups"]["device"]

    assert len(levels) == 12 and list(levels)[-1] == "all others"
    assert sum(level["n"] for level in levels.values()) == 240


def test_repeats_of_a_row_stay_one_image_of_one_component(study):
    some = study()
    twice = pd.concat([some.predictions.assign(repeat=0), some.predictions.assign(repeat=1)])
    once, entry = run(some), evaluate(twice, "dx", some.target, some.clusters, **some.arguments())

    assert (entry["n"], entry["clusters"]) == (240, 80)
    assert entry["metrics"]["sensitivity"] == pytest.approx(once["metrics"]["sensitivity"])


def test_one_class_or_no_row_gives_nulls_not_numbers(study):
    some = study()
    ill = some._replace(predictions=some.predictions[some.predictions["truth:dx"] == "ill"])
    entry = run(ill)
    assert entry["metrics"]["auroc"] == {"value": None, "low": None, "high": None, "method": entry["metrics"]["auroc"]["method"]}
    assert entry["metrics"]["sensitivity"]["low"] is not None

    none = run(some._replace(predictions=some.predictions[:0]))
    assert none["n"] == 0 and none["metrics"] == {}
    json.dumps([entry, none], allow_nan=False)
