"""Which model wins where: by body part, by study, and of models that answer some of the questions alone."""

import json

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.evaluation.comparison.subgroups import levels
from overread.evaluation.evaluate import evaluate
from overread.experiment.benchmark import check_division
from overread.experiment.compare import compare
from overread.recipe import load
from overread.run import Run, write_json

TARGETS = {
    "abnormal": Target("binary", ("negative", "positive"), "positive"),
    "body_part": Target("multiclass", ("FOREARM", "HAND", "WRIST")),
}
PATIENTS = {"FOREARM": 15, "HAND": 60, "WRIST": 60}
"""Two studies each; forearms are too few to be scored."""


def studies():
    """The films' table, a row a study: part, patient, truth; the same for every model."""
    part = np.concatenate([np.repeat(name, 2 * count) for name, count in PATIENTS.items()])
    patient = np.arange(len(part)) // 2
    frame = pd.DataFrame({"row": np.arange(len(part)).astype(str), "patient": [f"p{one}" for one in patient], "body_part": part})
    return frame.assign(
        abnormal=np.where((np.arange(len(part)) % 3 == 0), "positive", "negative"), image=frame["row"], views=np.arange(len(part)) % 30
    )


@pytest.fixture
def planted(tmp_path):
    """A finished run's folder, of a model with some merit on every part and more on some; see `studies`."""

    def make(name, seed, asked=("abnormal",), unit="image", merit=1.0, more=(), images=2, covariates=("body_part", "views"), change=pd.DataFrame):
        table, draw = change(studies()), np.random.default_rng(seed)
        targets = {target: TARGETS[target] for target in asked}
        told = {"row": table["row"], "split": "test"}
        for target, about in targets.items():
            truth = about.encode(table[target])
            skill = merit + np.array([dict(more).get(part, 0) for part in table["body_part"]])
            raw = draw.normal(size=(len(table), len(about.classes))) + skill[:, None] * np.eye(len(about.classes))[truth]
            p = np.exp(raw) / np.exp(raw).sum(1, keepdims=True)
            told |= {f"truth:{target}": table[target], f"decision:{target}": about.decode(p.argmax(1))}
            told |= {f"{said}:{target}:{label}": p[:, i] for i, label in enumerate(about.classes) for said in ("p", "raw")}
        judged = pd.DataFrame(told)
        frame = table.assign(component=table["patient"], split="test")
        with Run.make(tmp_path / name, load("default", ["evaluation.draws=200"], ["folder:films"])) as run:
            judged.to_parquet(run.folder / "predictions.parquet", index=False)
            if unit != "image":
                judged.assign(images=images).to_parquet(run.folder / "units.parquet", index=False)
                judged.iloc[:0].to_parquet(run.folder / "predictions.parquet", index=False)
            Catalog(frame, targets, list(covariates)).save(run.folder / "catalog.parquet")
            clusters, plain = frame.set_index("row")["component"], {"decision": None, "covariates": None, "prevalence": None, "draws": 200, "seed": 0}
            entries = {
                name: {**evaluate(judged, name, target, clusters, grade="patient-safe", **plain), "unit": unit} for name, target in targets.items()
            }
            write_json(run.folder / "metrics.json", {"test": entries})
        return run.folder

    return make


def test_the_model_that_sees_hands_wins_on_hands_alone_and_forearms_are_only_counted(planted, tmp_path):
    runs = [planted("plain", 1), planted("hands", 2, more={"HAND": 2.5})]
    result = compare(runs, tmp_path / "out")
    told, page = result.content["targets"]["abnormal"], (tmp_path / "out" / "report.html").read_text()
    found = told["subgroups"]["body_part"]

    assert list(told["subgroups"]) == ["body_part"]  # 30 views are a measurement
    assert list(found) == ["FOREARM", "HAND", "WRIST"]
    assert (found["FOREARM"]["classes"], found["FOREARM"]["table"], found["FOREARM"]["pairs"]) == ({"negative": 20, "positive": 10}, {}, [])
    assert (found["HAND"]["n"], found["HAND"]["clusters"], found["HAND"]["classes"]["positive"]) == (120, 60, 40)
    [hand], [wrist] = found["HAND"]["pairs"], found["WRIST"]["pairs"]
    assert hand["metrics"]["auroc"]["p_holm"] < 0.05 < wrist["metrics"]["auroc"]["p_holm"]
    p = [pair["metrics"]["auroc"]["p"] for pair in (hand, wrist)]
    assert [pair["metrics"]["auroc"]["p_holm"] for pair in (hand, wrist)] == pytest.approx(multipletests(p, method="holm")[1])
    said, rest = [line for line in result.words if line.startswith("body part")]
    assert said.startswith("body part HAND: AUROC of hands above plain, +0.")
    assert rest == "body part, the other 1 level: these rows cannot tell the models apart in AUROC."
    assert said[1:] in page
    value = found["HAND"]["table"]["hands"]["auroc"]["value"]
    assert f"<b>{value:.3f}" in page
    assert "fewer than 20 of either class" in page


def test_the_tables_carry_every_level_and_those_that_are_only_counted(planted, tmp_path):
    compare([planted("plain", 1), planted("hands", 2, more={"HAND": 2.5})], tmp_path / "out", ["kappa"])
    rows, pairs = (pd.read_csv(tmp_path / "out" / f"{name}.csv", keep_default_na=False) for name in ("subgroups", "differences"))

    assert list(rows["level"]) == ["FOREARM", *["HAND"] * 4, *["WRIST"] * 4]
    assert list(rows.loc[rows["level"] == "HAND", "figure"]) == ["auroc", "kappa"] * 2
    assert list(rows.loc[0, ["model", "figure", "images"]]) == ["", "", 30]
    assert json.loads(rows.loc[0, "classes"]) == {"negative": 20, "positive": 10}
    assert list(pairs.loc[pairs["covariate"] == "body_part", "level"]) == ["HAND", "HAND", "WRIST", "WRIST"]
    assert (pairs.loc[pairs["covariate"] == "", "figure"] == "brier").sum() == 1


def test_of_three_models_none_is_bold_unless_it_is_told_from_both_others(planted, tmp_path):
    runs = [planted("plain", 1), planted("one", 2, merit=3), planted("two", 3, merit=3)]
    result = compare(runs, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()

    [hand] = [line for line in result.words if line.startswith("body part HAND")]
    assert "one above plain" in hand
    assert "two above plain" in hand
    for model in ("one", "two"):
        assert f"<b>{result.content['targets']['abnormal']['subgroups']['body_part']['HAND']['table'][model]['auroc']['value']:.3f}" not in page


def test_equal_models_are_not_told_apart_anywhere_and_too_few_films_are_all_counted(planted, tmp_path):
    result = compare([planted("a", 1), planted("b", 2)], tmp_path / "out")
    assert result.words[-2] == "By body part: these rows cannot tell the models apart in AUROC in any of the 2 levels."
    few = [planted(name, seed, change=lambda frame: frame.iloc[::5]) for name, seed in (("c", 1), ("d", 2))]
    assert compare(few, tmp_path / "few").words[-3] == "By body part: no level has 20 of every class, so all are counted and none is scored."
    assert "6 negative" in " ".join((tmp_path / "few" / "report.html").read_text().split())


def test_units_are_compared_by_name_and_other_units_or_images_are_refused(planted, tmp_path):
    runs = [planted("a", 1, unit="study"), planted("b", 2, unit="study")]
    result = compare(runs, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()

    assert result.words[0] == "abnormal: 270 test studies in 135 components"
    assert "on the same 270 test studies in 135 components" in page
    assert "120 studies, 40 positive" in " ".join(page.split())
    assert list(pd.read_csv(tmp_path / "out" / "comparison.csv"))[2:4] == ["studies", "components"]
    assert result.content["targets"]["abnormal"]["shown"][-1] == "kappa"
    with pytest.raises(UserError, match="the runs' units differ: one counts studies, the other images"):
        compare([runs[0], planted("c", 3)], tmp_path / "no")
    with pytest.raises(UserError, match=r"270 rows have other images \(e.g. row 0\)"):
        compare([runs[0], planted("d", 3, unit="study", images=3)], tmp_path / "no")


def test_questions_that_not_all_answer_are_left_out_and_a_part_is_a_covariate_all_the_same(planted, tmp_path):
    runs = [planted("single", 1), planted("cascade", 2, asked=("abnormal", "body_part")), planted("multitask", 3, asked=("abnormal", "body_part"))]
    told = compare(runs, tmp_path / "out").content

    assert list(told["targets"]) == ["abnormal"]
    assert told["left_out"] == {"body_part": ["cascade", "multitask"]}
    assert told["remarks"][0] == "body_part is left out: of 3 models only cascade and multitask answer it."
    assert list(told["targets"]["abnormal"]["subgroups"]) == ["body_part"]
    both = compare(runs[1:], tmp_path / "both").content
    assert list(both["targets"]) == ["abnormal", "body_part"]
    assert list(both["targets"]["abnormal"]["subgroups"]) == ["body_part"]
    assert both["targets"]["body_part"]["subgroups"] == {}
    part = planted("part", 4, asked=("body_part",))
    with pytest.raises(UserError, match="different questions"):
        compare([runs[0], part], tmp_path / "no")


def test_covariates_that_one_run_does_not_declare_or_fills_otherwise_make_no_table(planted, tmp_path):
    first = planted("first", 1)
    turned = planted("turned", 2, change=lambda frame: frame.assign(body_part=frame["body_part"].to_numpy()[::-1]))
    for other in (planted("bare", 3, covariates=()), turned):
        assert compare([first, other], tmp_path / f"with {other.name}").content["targets"]["abnormal"]["subgroups"] == {}
        assert not (tmp_path / f"with {other.name}" / "subgroups.csv").exists()


def test_levels_are_words_or_few_numbers_and_blanks_are_unknown():
    assert levels(pd.Series([3.0, 10.0, np.nan, 3.0])).tolist() == ["3", "10", "unknown", "3"]
    assert levels(pd.Series(["HAND", "", "WRIST"])).tolist() == ["HAND", "unknown", "WRIST"]
    assert levels(pd.Series(["HAND", None, "HAND"])) is None
    assert levels(pd.Series(range(13))) is None


def test_a_benchmarks_rows_may_answer_fewer_questions_but_not_have_other_labels(planted):
    whole = planted("whole", 1, asked=("abnormal", "body_part"))
    check_division({"whole": whole, "single": planted("single", 2)})
    with pytest.raises(UserError, match="other was split in another way than whole"):
        check_division({"whole": whole, "other": planted("other", 2, change=lambda frame: frame.assign(body_part="HAND"))})
