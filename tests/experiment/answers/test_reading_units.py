"""What becomes of raw answers: oracle columns, units whose images differ, and anyone's predictions by study."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.evaluation.decision import Decision
from overread.experiment.answers.judge import judge
from overread.experiment.answers.reading import fit_reading
from overread.experiment.answers.units import on_units
from overread.experiment.theirs import evaluate_predictions
from overread.recipe import Evaluation
from overread.run import Run

ILL = Target("binary", ("well", "ill"), "ill")
PART = Target("multiclass", ("hand", "hip", "leg"))


def test_an_oracles_answers_are_judged_by_the_same_decision_and_where_it_is_silent_there_is_none():
    rows = pd.DataFrame({"raw:dx:well": [0.0, 0.0], "raw:dx:ill": [2.0, -1.0], "oracle:dx:well": [0.0, np.nan], "oracle:dx:ill": [-1.0, np.nan]})
    told = judge(rows, {"dx": ILL}, {"dx": Decision("Platt scaling", 2.0, [0.0, 0.5], 0.3, "youden", 9)})

    assert told["oracle-p:dx:ill"].iloc[0] == pytest.approx(told["p:dx:ill"].iloc[1]) == pytest.approx(1 / (1 + np.exp(1.5)))
    assert told["decision:dx"].tolist() == ["ill", "well"]
    assert told["oracle-decision:dx"].iloc[0] == "well" and told["oracle-decision:dx"].isna().tolist() == [False, True]
    assert "oracle-p:dx:ill" not in judge(rows.filter(like="raw"), {"dx": ILL}, {"dx": Decision("none", 1.0, [0.0, 0.0], 0.5, "one half", 0)})


def test_studies_whose_images_differ_are_counted_and_said():
    frame = pd.DataFrame({"row": list("abcdef"), "image": "", "patient": "", "study": list("ssttuu"), "component": list("ssttuu"), "split": "test"})
    labels = {"dx": ["ill", "well", "well", "well", "ill", "ill"], "part": ["hand", "hip", "leg", "leg", "hip", None]}
    catalog = Catalog(frame.assign(**labels), {"dx": ILL, "part": PART})

    by_study, by_image = on_units(catalog, "study"), on_units(catalog, "image")

    assert [finding.effect.value for finding in by_study] == [pytest.approx(1 / 3)] * 2
    assert "1 of 3 studies hold images of different classes of dx: they count as ill." in by_study[0].sentence
    assert "of part: their truth is unknown" in by_study[1].sentence
    assert [finding.passed for finding in by_study] == [None, False]
    assert by_image == []
    assert on_units(catalog.only(frame["study"] == "t"), "study") == []


def test_images_that_name_no_study_are_counted_and_said():
    frame = pd.DataFrame({"row": list("abc"), "image": "", "study": ["s", "", "s"], "component": list("sbs"), "split": "test", "dx": "ill"})
    [finding] = on_units(Catalog(frame, {"dx": ILL}), "study")

    assert finding.sentence == "1 of 3 images name no study: each counts as a study of its own."
    assert finding.passed is False and finding.effect.value == pytest.approx(1 / 3)


def test_units_are_judged_by_what_validation_units_taught_and_images_by_validation_images():
    draw = np.random.default_rng(0)
    n = 400
    study, ill = np.arange(n) // 2, (np.arange(n) // 2) % 2
    frame = pd.DataFrame({"row": np.arange(n).astype(str), "image": "", "study": study.astype(str), "component": study.astype(str)})
    frame = frame.assign(split=np.where(study < 100, "val", "test"), dx=np.where(ill == 1, "ill", "well"), patient="")
    raw = frame[["row", "split"]].assign(**{"truth:dx": frame["dx"], "raw:dx:well": 0.0, "raw:dx:ill": 2 * draw.normal(ill - 0.5, 1.0)})
    catalog = Catalog(frame, {"dx": ILL})

    reading = fit_reading(raw, catalog, Evaluation(unit="study", pool="mean"))
    judged = reading.judge(raw, catalog)

    assert (reading.images["dx"].n, reading.decisions["dx"].n) == (200, 100)
    assert (len(judged.images), len(judged.units), len(judged.only("test").cases)) == (400, 200, 100)
    area = {said: roc_auc_score(rows["truth:dx"] == "ill", rows["p:dx:ill"]) for said, rows in (("image", judged.images), ("study", judged.units))}
    assert area["study"] > area["image"] + 0.05
    assert fit_reading(raw, catalog, Evaluation()).judge(raw, catalog).units is None


@pytest.fixture
def table(tmp_path):
    """Predictions of 240 images of 80 studies, a third of them to validate on."""
    draw = np.random.default_rng(0)
    study = np.arange(240) // 3
    ill = study % 2
    part = np.where(study < 26, "val", "test")
    p = 1 / (1 + np.exp(-draw.normal(1.5 * ill - 0.7, 1.2)))
    frame = pd.DataFrame({"label": np.where(ill == 1, "ill", "well"), "prob": p, "sid": [f"s{i}" for i in study], "part": part})
    frame.to_csv(tmp_path / "p.csv", index=False)
    return frame


def test_anyones_predictions_are_counted_by_study_where_asked_for(table, tmp_path):
    options = "score=prob&positive=ill&study=sid"
    evaluate_predictions(f"{tmp_path / 'p.csv'}?{options}&unit=study&pool=mean&split=part", tmp_path / "out")
    evaluate_predictions(f"{tmp_path / 'p.csv'}?{options}&unit=study&pool=noisy-or", tmp_path / "unfitted")

    told, pooled = Run.open(tmp_path / "out").metrics["test"]["label"], table.query("part == 'test'").groupby("sid")["prob"].mean()
    truth = table.groupby("sid")["label"].first().loc[pooled.index] == "ill"
    assert (told["unit"], told["n"], told["by_image"]["n"], told["decision"]["n"]) == ("study", 54, 162, 26)
    assert told["metrics"]["auroc"]["value"] == pytest.approx(roc_auc_score(truth, pooled), abs=1e-9)
    plain = Run.open(tmp_path / "unfitted").metrics["test"]["label"]
    any_of = 1 - table.assign(q=1 - table["prob"]).groupby("sid")["q"].prod()
    ill = (table.groupby("sid")["label"].first() == "ill").astype(int)
    assert plain["metrics"]["brier"]["value"] == pytest.approx(((any_of - ill) ** 2).mean(), abs=1e-9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("unit=study", "no row names its study"),
        ("study=sid&unit=study&pool=learned", "a learned pool needs validation rows"),
        ("study=sid&unit=series", "unit"),
    ],
)
def test_a_unit_that_cannot_be_is_refused_in_words(table, tmp_path, options, words):
    with pytest.raises(UserError, match=words):
        evaluate_predictions(f"{tmp_path / 'p.csv'}?score=prob&positive=ill&{options}", tmp_path / "out")
    assert not (tmp_path / "out").exists()
