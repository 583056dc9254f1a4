import shutil

import pytest

from overread.experiment.train import train
from overread.experiment.training.started import on_start
from overread.findings import Severity
from overread.recipe import load
from overread.run import Run

AGAIN = [
    "image.size=64",
    "backbone.name=test_resnet",  # pretrained, as far as the recipe says: a start needs no weights from anywhere
    "learner.augment=none",
    "learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]",
    "split.fractions=[0.5, 0.2, 0.3]",
    "evaluation.draws=200",
    "runtime.threads=1",
]


@pytest.fixture(scope="module")
def source(trained):
    return f"table:{trained.films / 'films.csv'}?covariates=site"


def started(folder):
    return next(finding for finding in Run.open(folder).findings if finding.check == "start")


def test_a_run_goes_on_from_another_without_pretrained_weights_and_on_the_same_split_nothing_leaks(trained, source, tmp_path):
    train(load("default", [*AGAIN, f"learner.start={trained.folder}"], [source]), tmp_path / "run")

    assert started(tmp_path / "run").passed is True
    assert any("begun from" in name or "model" in name for name in Run.open(tmp_path / "run").json("environment.json", "hashes"))


def test_on_another_split_what_the_start_learnt_from_is_scored_and_that_is_a_leak(trained, source, tmp_path):
    train(load("default", [*AGAIN, f"learner.start={trained.folder}", "seed=5"], [source]), tmp_path / "run")

    told = started(tmp_path / "run")
    assert told.severity is Severity.LEAK
    before = Run.open(trained.folder).catalog.frame.set_index("image")
    scored = Run.open(tmp_path / "run").catalog.frame.query("split == 'test' and copy_of == ''")
    learnt = before[before["split"].isin(["train", "val"])]
    planted = (scored["pixel_sha"].isin(learnt["pixel_sha"]) | scored["patient"].isin(learnt["patient"])).mean()
    assert told.effect.value == pytest.approx(planted)
    assert planted > 0.3


def test_of_a_model_without_its_run_nobody_knows_what_it_learnt_from(trained, source, tmp_path):
    shutil.copytree(trained.folder / "model", tmp_path / "alone")
    run = Run.open(trained.folder)

    [told] = on_start(load("default", [f"learner.start={tmp_path / 'alone'}"], [source]), run.catalog, run.catalog.frame["split"] == "test")

    assert (told.passed, told.severity) == (None, Severity.HIGH)


def test_a_start_of_a_cascades_member_is_asked_too(trained, source):
    run = Run.open(trained.folder)
    members = [f"learner.{member}={{kind: finetune, start: {trained.folder}}}" for member in ("router", "expert")]

    told = on_start(load("default", ["learner={kind: cascade}", *members], [source]), run.catalog, run.catalog.frame["split"] == "train")

    assert [finding.severity for finding in told] == [Severity.LEAK, Severity.LEAK]
    assert ["the router" in told[0].sentence, "every expert" in told[1].sentence] == [True, True]


def test_without_a_start_there_is_nothing_to_say(trained, source):
    run = Run.open(trained.folder)
    assert on_start(load("default", [], [source]), run.catalog, run.catalog.frame["split"] == "test") == []
