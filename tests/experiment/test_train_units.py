"""Whole runs whose cases are studies: what is pooled, what is fitted on what, and what is kept."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.special import softmax
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from overread.errors import UserError
from overread.experiment.external import evaluate_external
from overread.experiment.train import train
from overread.recipe import load
from overread.run import Run


def write_studies(place: Path, patients: int, seed: int = 0) -> pd.DataFrame:
    """Patients of one or two studies of one to three films; of an ill study one film, or more, shows a bar."""
    draw, rows = np.random.default_rng(seed), []
    place.mkdir()
    for patient in range(patients):
        for study in range(draw.integers(1, 3)):
            ill, views = draw.random() < 0.5, int(draw.integers(1, 4))
            part = ("hand", "leg")[draw.integers(0, 2)]
            for view in range(views):
                film = draw.normal(90, 20, (64, 64))
                film[20:28, 16:48] += 50 * (ill and (view == 0 or draw.random() < 0.3))
                name = f"{patient}-{study}-{view}.png"
                Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(place / name)
                label = "positive" if ill else "negative"
                rows.append({"image": name, "label": label, "patient": f"p{patient}", "study": f"p{patient}/s{study}", "part": part})
    table = pd.DataFrame(rows)
    table.to_csv(place / "films.csv", index=False)
    return table


@pytest.fixture(scope="module")
def studies(tmp_path_factory, by_study):
    """A table of films, and a run on it whose cases are studies, pooled by their largest probability."""
    place = tmp_path_factory.mktemp("studies")
    write_studies(place / "films", 90)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(place / "cache"))
        train(load("probe", [*by_study, "evaluation.pool=max"], [source(place)]), place / "run")
    return place


def source(place: Path, folder: str = "films") -> str:
    return f"table:{place / folder / 'films.csv'}?covariates=part"


def test_a_study_is_one_case_pooled_from_its_images_and_predictions_stay_those_of_images(studies):
    run = Run.open(studies / "run")
    units, images = pd.read_parquet(studies / "run" / "units.parquet"), run.predictions
    key = run.catalog.frame.set_index("row")["study"]

    assert units["images"].sum() == len(images)
    largest = softmax(images[["raw:label:negative", "raw:label:positive"]].to_numpy(), axis=1)[:, 1]
    by_hand = pd.Series(largest).groupby(images["row"].map(key)).max()
    assert np.exp(units["raw:label:positive"]).to_numpy() == pytest.approx(by_hand.loc[units["row"].map(key)].to_numpy(), rel=1e-6)
    assert {"p:label:positive", "decision:label"} <= set(images) & set(units)


def test_figures_are_of_studies_and_those_of_images_stand_beside(studies):
    run = Run.open(studies / "run")
    told, units = run.metrics["test"]["label"], pd.read_parquet(studies / "run" / "units.parquet").query("split == 'test'")
    images = run.predictions.query("split == 'test'")

    assert (told["unit"], told["n"], told["by_image"]["n"]) == ("study", len(units), len(images))
    assert told["metrics"]["kappa"]["value"] == pytest.approx(cohen_kappa_score(units["truth:label"], units["decision:label"]), abs=1e-9)
    assert told["metrics"]["auroc"]["value"] == pytest.approx(roc_auc_score(units["truth:label"] == "positive", units["p:label:positive"]), abs=1e-9)
    by_image = roc_auc_score(images["truth:label"] == "positive", images["p:label:positive"])
    assert told["by_image"]["metrics"]["auroc"]["value"] == pytest.approx(by_image, abs=1e-9)
    assert sum(group["n"] for group in told["subgroups"]["part"].values()) == len(units)
    assert all("kappa" in group["metrics"] for group in told["subgroups"]["part"].values())


def test_decisions_are_fitted_on_validation_studies_and_kept_beside_those_of_images(studies):
    kept = json.loads((studies / "run" / "model" / "unit.json").read_text())
    alone = json.loads((studies / "run" / "model" / "decision.json").read_text())["label"]
    val = pd.read_parquet(studies / "run" / "units.parquet").query("split == 'val'")

    assert (kept["unit"], kept["pool"], kept["parameter"]) == ("study", "max", None)
    assert kept["decisions"]["label"]["n"] == len(val) < alone["n"]
    told = kept["decisions"]["label"]
    odds = told["slope"] * (val["raw:label:positive"] - val["raw:label:negative"]) + told["bias"][1] - told["bias"][0]
    assert val["p:label:positive"].to_numpy() == pytest.approx(1 / (1 + np.exp(-odds.to_numpy())))


def test_what_a_person_reads_speaks_of_studies(studies):
    page = (studies / "run" / "report.html").read_text()
    told = json.loads((studies / "run" / "covariates.json").read_text())["label"]
    units = pd.read_parquet(studies / "run" / "units.parquet")
    captions = [figure["caption"] for figure in json.loads((studies / "run" / "figures.json").read_text())]

    test = units[units["split"] == "test"]
    assert f"{len(test)} studies" in page and "test studies" in page and "pooled by the largest of their probabilities" in page
    assert captions[0].startswith("Studies by what they are")
    assert (told["unit"], told["scored"]) == ("study", len(test))
    assert len(units) < told["n"] < len(Run(studies / "run").catalog)


def test_other_data_are_scored_by_study_with_the_runs_pool_and_by_image_where_no_study_is_named(studies, tmp_path):
    run = shutil.copytree(studies / "run", tmp_path / "run")
    table = write_studies(tmp_path / "north", 60, seed=5)
    there = evaluate_external(run, [source(tmp_path, "north")])
    table.drop(columns="study").to_csv(tmp_path / "north" / "films.csv", index=False)
    blind = evaluate_external(run, [f"{source(tmp_path, 'north')}&name=blind"])

    told, by_image = there.content["metrics"]["external"]["label"], blind.content["metrics"]["external"]["label"]
    assert (told["unit"], told["n"], told["by_image"]["n"]) == ("study", table["study"].nunique(), len(table))
    assert told["decision"] == json.loads((run / "model" / "unit.json").read_text())["decisions"]["label"]
    assert (by_image["unit"], by_image["n"]) == ("image", len(table))
    assert "unit" in [finding.check for finding in blind.findings if finding.passed is False]
    assert "unit" not in [finding.check for finding in there.findings]
    fitted = there.content["metrics"]["external_recalibrated"]["label"]
    assert fitted["n"] == there.content["metrics"]["external_same_rows"]["label"]["n"] < told["n"]


def test_each_fold_has_a_pool_and_a_decision_of_its_own_and_every_study_is_scored_once(studies, by_study, tmp_path):
    settings = [*(setting for setting in by_study if "fractions" not in setting), "evaluation.pool=learned", "split.folds=3"]
    train(load("probe", settings, [source(studies)]), tmp_path / "run")

    run, units = Run.open(tmp_path / "run"), pd.read_parquet(tmp_path / "run" / "units.parquet")
    frame = run.catalog.frame
    assert sorted(units["row"]) == sorted(frame.drop_duplicates("study")["row"])
    assert units["fold"].nunique() == 3
    told = run.metrics["test"]["label"]
    assert told["n"] == sum(fold["n"] for fold in told["folds"]) == frame["study"].nunique()
    assert {fold["unit"] for fold in told["folds"]} == {"study"}
    assert set(json.loads((run.folder / "model" / "unit.json").read_text())["parameter"]) == {"label"}
    slopes = units.groupby("fold").apply(lambda part: np.polyfit(_odds(part, "raw"), _odds(part, "p"), 1)[0], include_groups=False)
    assert slopes.round(6).nunique() == 3


def _odds(part: pd.DataFrame, said: str) -> np.ndarray:
    p = part[[f"{said}:label:negative", f"{said}:label:positive"]].to_numpy()
    p = np.log(p.clip(1e-300)) if said == "p" else p
    sure = np.abs(p[:, 1] - p[:, 0]) < 30
    return np.where(sure, p[:, 1] - p[:, 0], 0)


def test_a_unit_that_no_row_names_is_refused_before_anything_is_learnt(studies, by_study, tmp_path):
    table = pd.read_csv(studies / "films" / "films.csv").assign(image=lambda t: str(studies / "films") + "/" + t["image"])
    table.drop(columns="study").to_csv(tmp_path / "blind.csv", index=False)
    with pytest.raises(UserError, match=r"no row names its study.*evaluation\.unit.*\?study=COLUMN"):
        train(load("probe", by_study, [f"table:{tmp_path / 'blind.csv'}"]), tmp_path / "run")
    with pytest.raises(UserError, match=r"noisy-or.*part is multiclass.*evaluation\.pool"):
        parts = table.assign(part=np.array(["hand", "leg", "hip"])[np.arange(len(table)) % 3])
        parts.to_csv(tmp_path / "parts.csv", index=False)
        train(load("probe", [*by_study, "evaluation.pool=noisy-or"], [f"table:{tmp_path / 'parts.csv'}?label=part"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()
