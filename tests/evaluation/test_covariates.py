import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from overread.catalog import Catalog, Target
from overread.evaluation.covariates import covariate_baseline

N = 240


@pytest.fixture
def catalog():
    """Two images a patient; the scanner, and the width that goes with it, tells the label as often as asked; age tells nothing."""

    def make(telling: float = 0.0, few: int | None = None) -> Catalog:
        draw = np.random.default_rng(0)
        patient = np.arange(N) // 2
        ill = patient % 2 if few is None else (patient < few).astype(int)
        tells = np.where(draw.random(N) < telling, ill, draw.integers(0, 2, N))
        frame = pd.DataFrame(
            {
                "row": np.arange(N),
                "image": "film",
                "dx": np.where(ill, "ill", "healthy"),
                "component": patient.astype(str),
                "fact:width": np.where(tells, 1024, 2048),
                "fact:mode": "L",
                "age": draw.normal(60, 10, N),
                "carried": ill,
            }
        )
        return Catalog(frame, {"dx": Target("binary", ("healthy", "ill"), "ill")}, ["age"])

    return make


def predictions(catalog, separation, seed=1):
    ill = (catalog.frame["dx"] == "ill").to_numpy()
    z = np.random.default_rng(seed).normal(size=len(ill)) + separation * ill
    return judged(catalog, z)


def judged(catalog, z):
    return pd.DataFrame({"row": catalog.frame["row"], "p:dx:healthy": expit(-z), "p:dx:ill": expit(z)})


def test_a_scanner_that_tells_the_label_is_found_and_named(catalog):
    told, findings = covariate_baseline(catalog(0.8), "dx", None, draws=200)
    by = {entry["covariate"]: entry["value"] for entry in told["each"]}

    assert told["columns"] == ["fact:width", "age"] and told["constant"] == ["fact:mode"]
    assert told["baseline"]["low"] > 0.75 and by["fact:width"] > 0.8 > 0.65 > by["age"]
    assert findings[0].passed is False and findings[0].severity == "high"
    assert "the file's width" in findings[0].sentence
    json.dumps(told, allow_nan=False)


def test_covariates_that_tell_nothing_pass_and_columns_that_were_not_declared_are_not_used(catalog):
    told, findings = covariate_baseline(catalog(0.0), "dx", None, draws=200)

    assert told["baseline"]["low"] < 0.5 < told["baseline"]["high"] + 0.05
    assert findings[0].passed is True
    assert "carried" not in told["columns"]


def test_an_image_that_tells_more_is_seen_to_and_one_that_tells_nothing_is_not(catalog):
    some = catalog(0.5)
    told, (_, adds) = covariate_baseline(some, "dx", predictions(some, 1.5), draws=200)
    nothing, (_, empty) = covariate_baseline(some, "dx", predictions(some, 0.0), draws=200)

    assert told["added"]["low"] > 0.03 and adds.passed is True
    assert told["with_image"]["value"] - told["without_image"]["value"] == pytest.approx(told["added"]["value"])
    assert nothing["added"]["low"] <= 0 and empty.passed is False
    assert "Nothing beyond covariates is shown" in empty.sentence

    several = replace(some, frame=some.frame.assign(other=some.frame["dx"]), targets={**some.targets, "other": some.targets["dx"]})
    _, (_, named) = covariate_baseline(several, "dx", predictions(some, 0.0), draws=200)
    assert named.sentence.startswith("Nothing of dx beyond covariates is shown")


def test_networks_of_folds_count_by_their_calibrated_probabilities_whatever_the_scale_of_their_raw_scores(catalog):
    some = catalog(0.0)
    seen = predictions(some, 1.5)
    raw = np.log(seen["p:dx:ill"] / seen["p:dx:healthy"]) + np.where(np.arange(N) // 2 % 4 < 2, 40.0, 0.0)
    told, (_, adds) = covariate_baseline(some, "dx", seen.assign(**{"raw:dx:healthy": 0.0, "raw:dx:ill": raw}), draws=200)

    assert told["image"]["value"] > 0.8 and adds.passed is True


def test_a_model_that_only_reads_the_scanner_adds_nothing(catalog):
    some = catalog(0.7)
    scanner = some.frame["fact:width"].to_numpy() == 1024
    seen = judged(some, np.random.default_rng(2).normal(3.0 * scanner, 0.2))
    told, (_, adds) = covariate_baseline(some, "dx", seen, draws=200)

    assert told["image"]["value"] > 0.75
    assert adds.passed is False


def test_beside_covariates_that_tell_all_the_image_adds_nothing(catalog):
    some = catalog(1.0)
    told, (tells, adds) = covariate_baseline(some, "dx", predictions(some, 9.0), draws=200)

    assert told["baseline"]["value"] == 1 and 0.9 < told["baseline"]["low"] < 1
    assert tells.passed is False and adds.passed is False


def test_only_scored_rows_are_asked_what_the_image_adds_and_repeats_count_once(catalog):
    some = catalog(0.5)
    part = predictions(some, 1.5).iloc[: N // 2]
    told, _ = covariate_baseline(some, "dx", pd.concat([part, part.assign(repeat=1)]), draws=200)

    assert (told["n"], told["scored"]) == (N, N // 2)


def test_copies_and_unknown_labels_are_left_out(catalog):
    frame = catalog(0.5).frame
    frame.loc[:9, "copy_of"] = "11"
    frame.loc[20:29, "dx"] = None
    told, _ = covariate_baseline(catalog(0.5).replace(frame), "dx", None, draws=200)

    assert told["n"] == N - 20


def test_nothing_that_varies_and_too_few_components_are_said_not_scored(catalog):
    some = catalog(0.5)
    flat = some.replace(some.frame.assign(age=1, **{"fact:width": 512}))
    told, findings = covariate_baseline(flat, "dx", None)
    assert told["baseline"] is None and findings == [] and "nothing but the image" in told["sentence"]

    alone, none = covariate_baseline(catalog(0.5, few=1), "dx", None, draws=200)
    assert alone["baseline"] is None and none == []

    few, (tells,) = covariate_baseline(catalog(0.5, few=6), "dx", None, draws=200)
    assert few["baseline"]["value"] is not None and few["baseline"]["low"] is None
    assert tells.passed is None


def test_a_covariate_that_is_the_question_itself_is_not_used(catalog):
    some = replace(catalog(0.0), covariates=["age", "dx"])
    told, findings = covariate_baseline(some, "dx", None, draws=200)

    assert told["columns"] == ["fact:width", "age"] and "dx" not in told["constant"]
    assert findings[0].passed is True


def test_a_target_of_several_classes_is_read_one_against_the_rest(catalog):
    frame = catalog(0.0).frame
    grade = (np.arange(N) // 2) % 3
    frame = frame.assign(dx=np.array(["a", "b", "c"])[grade], **{"fact:width": np.array([512, 1024, 2048])[grade]})
    three = Catalog(frame, {"dx": Target("multiclass", ("a", "b", "c"))}, ["age"])
    told, findings = covariate_baseline(three, "dx", None, draws=200)

    assert told["baseline"]["value"] > 0.95 and findings[0].passed is False
