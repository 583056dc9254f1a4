import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from overread.errors import UserError
from overread.experiment.theirs import evaluate_predictions
from overread.run import Run


@pytest.fixture
def table(tmp_path):
    """Predictions of 120 images of 60 patients; a third of the rows validate."""
    draw = np.random.default_rng(0)
    truth = np.repeat(draw.integers(0, 2, 60), 2)
    frame = pd.DataFrame(
        {
            "truth": np.where(truth == 1, "ill", "well"),
            "prob": (0.25 * truth + draw.random(120) * 0.6).clip(0, 1),
            "pid": np.repeat([f"p{i}" for i in range(60)], 2),
            "part": np.where(np.arange(120) < 40, "val", "test"),
            "age": draw.integers(20, 80, 120),
        }
    )
    frame.to_csv(tmp_path / "p.csv", index=False)
    return frame


OPTIONS = "label=truth&score=prob&positive=ill&patient=pid"


def test_a_table_of_anyones_model_gets_the_same_figures_as_a_run(table, tmp_path):
    evaluate_predictions(f"{tmp_path / 'p.csv'}?{OPTIONS}&split=part&covariates=age", tmp_path / "out")

    run = Run.open(tmp_path / "out")
    told = run.metrics["test"]["truth"]
    test = table[table["part"] == "test"]
    assert told["metrics"]["auroc"]["value"] == pytest.approx(roc_auc_score(test["truth"] == "ill", test["prob"]), abs=1e-9)
    assert (told["n"], told["clusters"]) == (80, 40)
    assert told["metrics"]["auroc"]["low"] is not None
    assert "age" in told["subgroups"]
    assert told["decision"]["n"] == 40
    assert (run.folder / "report.html").is_file()


def test_without_validation_rows_nothing_is_fitted_and_the_folder_says_so(table, tmp_path):
    evaluate_predictions(f"{tmp_path / 'p.csv'}?{OPTIONS}", tmp_path / "out")
    told = Run.open(tmp_path / "out").metrics["test"]["truth"]
    assert told["decision"]["threshold"] == 0.5
    assert "no validation rows" in told["decision"]["note"]
    assert told["n"] == 120
    assert told["metrics"]["brier"]["value"] == pytest.approx(np.mean((table["prob"] - (table["truth"] == "ill")) ** 2), abs=1e-9)


def test_studies_numbered_within_the_patient_join_no_patients(tmp_path):
    rows = pd.DataFrame({"patient": np.repeat([f"p{i}" for i in range(40)], 2), "study": [1, 2] * 40})
    rows.assign(label=np.resize([0, 1, 1, 0], 80), score=np.linspace(0.1, 0.9, 80)).to_csv(tmp_path / "p.csv", index=False)
    result = evaluate_predictions(f"{tmp_path / 'p.csv'}?unit=study&score=score", tmp_path / "out")

    scored = result.content["metrics"]["test"]["label"]
    assert (scored["n"], scored["clusters"]) == (80, 40)
    assert "Studies of one name would join 40 of 40 patients" in result.findings[0].sentence


def test_our_own_predictions_are_read_back_to_the_same_ranking(trained, tmp_path):
    run = Run.open(trained.folder)
    run.predictions.query("split == 'test'").to_csv(tmp_path / "ours.csv", index=False)
    evaluate_predictions(f"{tmp_path / 'ours.csv'}?positive=broken", tmp_path / "out")
    again = Run.open(tmp_path / "out").metrics["test"]["label"]["metrics"]["auroc"]["value"]
    assert again == pytest.approx(run.metrics["test"]["label"]["metrics"]["auroc"]["value"], abs=1e-9)


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, "label=truht&score=prob", r"Did you mean 'truth'"),
        ({}, f"{OPTIONS}&scroe=prob", r"Did you mean 'score'"),
        ({"prob": 1.2}, OPTIONS, "row 0 has '1.2' for a probability"),
        ({"prob": ""}, OPTIONS, "row 0 has '' for a probability"),
        ({"part": "train"}, f"{OPTIONS}&split=part", "no labelled row is in test"),
        ({}, "label=truth&positive=ill", "no column 'p:well'"),
        ({}, f"{OPTIONS}&covariates=truth", "'truth' is the label"),
        ({}, f"{OPTIONS}&covariates=prob", "'prob' is the score"),
        ({}, f"{OPTIONS}&covariates=pid", "'pid' is the patient"),
    ],
)
def test_a_table_that_cannot_be_scored_is_refused_in_words(table, tmp_path, change, options, words):
    table.assign(**change).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(UserError, match=words):
        evaluate_predictions(f"{tmp_path / 'p.csv'}?{options}", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_several_classes_take_a_column_each(tmp_path):
    draw = np.random.default_rng(1)
    p = draw.dirichlet([1, 1, 1], 90)
    frame = pd.DataFrame(p, columns=["p:a", "p:b", "p:c"]).assign(label=[list("abc")[draw.choice(3, p=row)] for row in p])
    frame.to_csv(tmp_path / "p.csv", index=False)
    evaluate_predictions(str(tmp_path / "p.csv"), tmp_path / "out")
    told = Run.open(tmp_path / "out").metrics["test"]["label"]
    assert told["classes_order"] == ["a", "b", "c"]
    assert told["metrics"]["accuracy"]["value"] == pytest.approx((p.argmax(1) == frame["label"].map({"a": 0, "b": 1, "c": 2})).mean())


def test_a_covariate_named_like_a_column_of_the_house_is_taken_as_it_was_given(table, tmp_path):
    table.assign(row=table["age"], component="x").to_csv(tmp_path / "p.csv", index=False)
    evaluate_predictions(f"{tmp_path / 'p.csv'}?{OPTIONS}&covariates=row,component", tmp_path / "out")
    told = Run.open(tmp_path / "out").metrics["test"]["truth"]
    assert set(told["subgroups"]) == {"row_given", "component_given"}
    assert told["clusters"] == 60
