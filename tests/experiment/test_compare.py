"""Runs compared: a better one is told, equal ones are not, and what cannot be compared is refused."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from overread.errors import UserError
from overread.experiment.compare import compare, names
from overread.experiment.theirs import evaluate_predictions
from overread.experiment.train import train
from overread.recipe import load
from overread.run import Run

PATIENTS, EACH = 60, 2


def table(merit, seed, patient=True):
    """Predictions of 120 films by a model of some merit, as anyone's table; truth and patients are the same for every seed."""
    rows, draw = np.arange(PATIENTS * EACH), np.random.default_rng(seed)
    ill = rows // EACH % 2
    p = 1 / (1 + np.exp(-merit * (2 * ill - 1) - draw.normal(size=PATIENTS)[rows // EACH] - draw.normal(size=len(rows))))
    told = pd.DataFrame({"label": np.where(ill, "ill", "normal"), "p": p.round(6)})
    return told.assign(patient=[f"p{row // EACH}" for row in rows]) if patient else told


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """Evaluate a table of predictions into a folder of that name, once."""
    place = tmp_path_factory.mktemp("evaluated")

    def make(name, told):
        if not (place / name).exists():
            told.to_csv(place / f"{name}.csv", index=False)
            evaluate_predictions(f"{place / name}.csv?score=p", place / name)
        return place / name

    return make


@pytest.fixture(scope="module")
def three(evaluated):
    """Two models of one merit and a better one."""
    return [evaluated(name, table(merit, seed)) for name, merit, seed in (("usual", 0.8, 1), ("like it", 0.8, 2), ("better", 2.5, 3))]


@pytest.fixture
def copied(trained, tmp_path):
    """A copy of the finished run with its predictions or its catalog changed."""

    def make(predictions=lambda frame: frame, catalog=lambda frame: frame, name="other"):
        folder = tmp_path / name
        shutil.copytree(trained.folder, folder)
        run = Run(folder)
        predictions(run.predictions).to_parquet(folder / "predictions.parquet", index=False)
        held = run.catalog
        held.replace(catalog(held.frame.copy())).save(folder / "catalog.parquet")
        return folder

    return make


def test_the_better_model_is_told_and_two_equal_ones_are_not(three, tmp_path):
    result = compare(three, tmp_path / "out")
    told = result.content["targets"]["label"]

    assert [(pair["one"], pair["other"], pair["metrics"]["auroc"]["p_holm"] < 0.05) for pair in told["pairs"]] == [
        ("usual", "like it", False),
        ("usual", "better", True),
        ("like it", "better", True),
    ]
    assert (told["n"], told["clusters"]) == (120, 60)
    assert "take every row for independent" in told["classic"]
    assert "better has the highest AUROC" in result.words[-2]
    assert "tell it from all 2 others" in result.words[-2]


def test_the_table_repeats_each_runs_own_figures_and_the_folder_holds_what_it_promises(three, tmp_path):
    out = tmp_path / "out"
    told = compare(three, out, ["brier", "auprc"]).content["targets"]["label"]
    rows = pd.read_csv(out / "comparison.csv").set_index("model")
    pairs = pd.read_csv(out / "differences.csv")

    for run in three:
        own = Run.open(run).metrics["test"]["label"]
        assert told["table"][run.name]["metrics"] == own["metrics"]
        assert json.loads(rows.loc[run.name, "confusion"]) == own["confusion"]
        assert rows.loc[run.name, "auroc_low"] == pytest.approx(own["metrics"]["auroc"]["low"])
        assert np.isnan(rows.loc[run.name, "train_seconds"])
    assert told["shown"] == ["accuracy", "sensitivity", "specificity", "auroc", "brier", "average_precision"]
    assert len(pairs) == 3 * len(own["metrics"])
    assert Run.open(out).json("comparison.json")["targets"]["label"] == told
    assert "usual" in (out / told["roc"]).read_text()


def test_without_patients_each_row_is_a_component_and_the_classic_tests_are_made(evaluated, tmp_path):
    runs = [evaluated(f"alone {seed}", table(merit, seed, patient=False)) for merit, seed in ((0.6, 1), (2.5, 3))]
    told = compare(runs, tmp_path / "out").content
    [pair] = told["targets"]["label"]["pairs"]

    assert told["targets"]["label"]["classic"] == ""
    assert pair["delong"]["p"] < 0.01
    assert pair["delong"]["value"] == pytest.approx(pair["metrics"]["auroc"]["value"])
    assert told["remarks"] == ["Rows were matched by name and truth alone: not every run knows the content of its images."]


def test_what_one_run_holds_together_is_together_for_all(three, evaluated, tmp_path):
    told = compare([three[0], evaluated("alone 3", table(2.5, 3, patient=False))], tmp_path / "out").content
    assert told["targets"]["label"]["clusters"] == 60
    assert "joined rows to components differently" in " ".join(told["remarks"])


def test_a_run_is_not_told_from_its_copy_and_its_costs_are_shown(trained, copied, tmp_path):
    told = compare([trained.folder, copied()], tmp_path / "out").content
    [pair] = told["targets"]["label"]["pairs"]

    assert (pair["metrics"]["auroc"]["value"], pair["metrics"]["auroc"]["p"]) == (0, 1)
    assert told["remarks"] == []
    assert told["models"]["other"]["costs"] == Run(trained.folder).json("costs.json")
    assert [told["models"]["other"][key] for key in ("backbone", "learner", "head")] == ["test_resnet", "finetune", None]
    assert "images/s" in (tmp_path / "out" / "report.html").read_text()


def test_all_backbones_and_the_solved_head_are_told(trained, copied, tmp_path):
    other = copied()
    recipe = (other / "recipe.yaml").read_text().split("\nlearner:")[0].split("\nbackbone:")[0]
    networks = "backbone: {name: test_resnet, pretrained: false, beside: [{name: test_vit, pretrained: false}]}"
    (other / "recipe.yaml").write_text(f"{recipe}\n{networks}\nlearner: {{kind: late-fusion, columns: [age], image: {{kind: probe, head: svm}}}}\n")
    told = compare([trained.folder, other], tmp_path / "out").content["models"]["other"]

    assert [told[key] for key in ("backbone", "learner", "head")] == ["test_resnet + test_vit", "late-fusion", "svm"]


def test_evaluations_on_other_data_are_compared_and_cost_what_their_runs_cost(copied, tmp_path):
    places = []
    for name in ("one", "two"):
        folder = copied(lambda frame: frame[frame["split"] == "test"].assign(split="external"), name=name)
        own = Run(folder).metrics
        places.append(folder / "external" / "site")
        places[-1].mkdir(parents=True)
        for file in ("predictions.parquet", "catalog.parquet", "status.json"):
            shutil.move(folder / file, places[-1] / file)
        (places[-1] / "metrics.json").write_text(json.dumps({"external": own["test"]}))
    told = compare(places, tmp_path / "out").content

    assert (told["part"], list(told["models"])) == ("external", ["one/external/site", "two/external/site"])
    assert all(about["costs"]["fits"] == 1 for about in told["models"].values())


def test_a_run_of_an_older_version_has_blank_costs(trained, copied, tmp_path):
    (copied() / "costs.json").unlink()
    assert compare([trained.folder, tmp_path / "other"], tmp_path / "out").content["models"]["other"]["costs"] == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"predictions": lambda frame: frame[frame["row"] != frame["row"].iloc[-1]]}, r"1 are only in run \(e.g. row \d+\)"),
        ({"predictions": lambda frame: frame.assign(**{"truth:label": "broken"})}, r"rows have another truth of label \(e.g. row \d+\)"),
        ({"catalog": lambda frame: frame.assign(bytes_sha=frame["bytes_sha"].mask(frame["split"] == "test", "0" * 64))}, "are other images"),
        ({"predictions": lambda frame: frame.assign(split="val")}, "no test row was scored"),
    ],
)
def test_other_test_rows_are_refused_and_one_is_named(trained, copied, tmp_path, change, words):
    with pytest.raises(UserError, match=words):
        compare([trained.folder, copied(**change)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_questions_and_runs_that_are_not_done_are_refused(trained, copied, three, tmp_path):
    with pytest.raises(UserError, match="different questions"):
        compare([trained.folder, three[0]], tmp_path / "out")
    folder = copied()
    status = json.loads((folder / "status.json").read_text())
    (folder / "status.json").write_text(json.dumps({**status, "state": "running"}))
    with pytest.raises(UserError, match="the run is running"):
        compare([trained.folder, folder], tmp_path / "out")
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "metrics.json").unlink()
    with pytest.raises(UserError, match="nothing was scored here"):
        compare([trained.folder, folder], tmp_path / "out")


def test_one_run_a_run_twice_and_an_unknown_figure_are_refused(three, tmp_path):
    with pytest.raises(UserError, match="one run alone"):
        compare(three[:1], tmp_path / "out")
    with pytest.raises(UserError, match="named twice"):
        compare([three[0], three[0]], tmp_path / "out")
    with pytest.raises(UserError, match="Did you mean 'specificity'"):
        compare(three, tmp_path / "out", ["specifity"])


def test_runs_of_one_name_are_told_apart_by_the_folders_above(tmp_path):
    assert names([tmp_path / "a" / "run", tmp_path / "b" / "run"]) == ["a/run", "b/run"]
    assert names([tmp_path / "a" / "run", tmp_path / "b" / "walk"]) == ["run", "walk"]


def test_a_leak_that_a_run_found_in_itself_is_said_here_too(trained, copied, tmp_path):
    folder = copied()
    leak = {"check": "copies", "subject": "data", "severity": "leak", "passed": False, "sentence": "Half of test is in train.", "effect": None}
    (folder / "findings.json").write_text(json.dumps([{**leak, "p": None, "evidence": [], "remedy": ""}]))
    result = compare([trained.folder, folder], tmp_path / "out")

    assert [finding.check for finding in result.findings] == ["copies"]
    assert "Leak in other." in (tmp_path / "out" / "report.html").read_text()


def test_cross_validated_runs_are_compared_on_the_pooled_rows_whatever_their_folds(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    brief = ["image.size=64", "backbone={name: test_resnet, pretrained: false}", "learner.augment=none", "evaluation.draws=200", "runtime.threads=1"]
    brief += ["learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]", "split.near_copies=false"]
    source = [f"table:{trained.films / 'films.csv'}"]
    for name, more in {"a": ["split.folds=3"], "b": ["split.folds=3", "seed=7"], "c": ["split={folds: 2, repeats: 2}"]}.items():
        train(load("default", [*brief, *more], source), tmp_path / name)
    told = compare([tmp_path / name for name in "abc"], tmp_path / "out").content

    assert told["targets"]["label"]["n"] == Run(tmp_path / "a").predictions["row"].nunique()
    assert "several repeats" in told["targets"]["label"]["classic"]
    assert "the folds here are not" in told["remarks"][0]
    assert told["models"]["a"]["costs"]["fits"] == 4
    same = compare([tmp_path / "a", shutil.copytree(tmp_path / "a", tmp_path / "again")], tmp_path / "same").content
    assert "the folds are, too" in same["remarks"][0]


def test_several_classes_are_compared_by_means_over_them(evaluated, tmp_path):
    draw, truth = np.random.default_rng(0), np.arange(120) % 3
    runs = []
    for name, merit in (("weak", 0.5), ("strong", 3.0)):
        p = np.exp(merit * np.eye(3)[truth] + draw.normal(size=(120, 3)))
        p = pd.DataFrame(p / p.sum(1, keepdims=True), columns=["p:glioma", "p:meningioma", "p:none"])
        p.insert(0, "label", np.array(["glioma", "meningioma", "none"])[truth])
        p.to_csv(tmp_path / f"{name}.csv", index=False)
        evaluate_predictions(str(tmp_path / f"{name}.csv"), tmp_path / name)
        runs.append(tmp_path / name)
    told = compare(runs, tmp_path / "out").content["targets"]["label"]

    assert told["shown"] == ["accuracy", "balanced_accuracy", "auroc"]
    assert told["pairs"][0]["metrics"]["balanced_accuracy"]["p"] < 0.05
    assert told["pairs"][0]["delong"] is None
    assert "mean over the classes" in (tmp_path / "out" / "report.html").read_text().lower()
