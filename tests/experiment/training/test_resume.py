"""A run that was killed, interrupted or refused, and gone on with, ends with the figures of the one left alone."""

import json
import os
import signal
import subprocess
import sys

import pandas as pd
import pytest
from PIL import Image

from overread.errors import UserError
from overread.experiment.train import train
from overread.experiment.training.resume import foreseen, scored_before
from overread.learners.finetune import checkpoint
from overread.recipe import load
from overread.run import Run

SETTINGS = [
    "image.size=64",
    "backbone={name: test_resnet, pretrained: false}",
    "split.fractions=[0.5, 0.2, 0.3]",
    "learner.augment=strong",
    "learner.balance=sampler",
    "learner.head.dropout=[0.5]",
    "learner.batch=8",
    "learner.phases=[{trains: head, epochs: 1, rate: 3e-3}, {trains: all, epochs: 3, rate: 3e-3, warm_up: 1}]",
    "evaluation.draws=200",
    "runtime.threads=1",
]

KILLED = """
import os, signal, sys
from pathlib import Path
import overread.experiment.scoring.score as scoring
from overread.experiment.train import train
from overread.learners.network.task import Task
from overread.recipe import load

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def dying(function, calls):
    left = iter(range(calls))
    return lambda *given, **named: function(*given, **named) if next(left, None) is not None else die()

def in_an_epoch():
    Task.loss = dying(Task.loss, 14)

def in_a_checkpoint():
    write, left = Path.write_bytes, iter(range(3))
    def half(path, data):
        if "checkpoint" in path.name and next(left, None) is None:
            write(path, data[: len(data) // 2])
            die()
        return write(path, data)
    Path.write_bytes = half

def in_scoring():
    scoring.evaluate = dying(scoring.evaluate, 1)

for plant in (in_an_epoch, in_a_checkpoint, in_scoring):
    if os.fork() == 0:
        plant()
        train(load(sys.argv[1]), Path(sys.argv[2]) / plant.__name__)
        os._exit(0)
for _ in range(3):
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""
"""Three processes that kill themselves: no handler runs, nothing is tidied up."""


@pytest.fixture(scope="module")
def table(trained, tmp_path_factory):
    """Sixty films, two a patient, as files whose facts do not vary; returns how to list them, changed or not, as a source."""
    place = tmp_path_factory.mktemp("films")
    rows = pd.read_csv(trained.films / "films.csv").head(60)
    for name in rows["image"]:
        Image.open(trained.films / name).save(place / f"{name}.bmp")
    rows["image"] += ".bmp"

    def write(change=lambda rows: rows, name="films.csv"):
        change(rows).to_csv(place / name, index=False)
        return f"table:{place / name}"

    return write


@pytest.fixture(scope="module")
def recipe(table):
    return load("default", SETTINGS, [table()])


@pytest.fixture(scope="module")
def alone(recipe, trained, tmp_path_factory):
    """The run that nothing happened to."""
    out = tmp_path_factory.mktemp("alone") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
        train(recipe, out)
    return Run.open(out)


@pytest.fixture(autouse=True)
def cache(trained, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))


class Stopped(BaseException):
    """What Ctrl-C is to a function."""


def stop(*_, **__):
    raise Stopped


@pytest.fixture
def stopped(monkeypatch):
    """Train until some function is called, which then stops everything."""

    def run(target, recipe, out, function=stop, **how):
        with monkeypatch.context() as patch, pytest.raises(Stopped):
            patch.setattr(target, function)
            train(recipe, out, **how)

    return run


def same(run, other) -> bool:
    """Whether figures, predictions and model agree to the last bit, and nothing is left over."""
    weights = [(r.folder / "model" / "model.safetensors").read_bytes() for r in (run, other)]
    left = {path.name for path in run.folder.rglob("*")} ^ {path.name for path in other.folder.rglob("*")}
    return run.metrics == other.metrics and run.predictions.equals(other.predictions) and weights[0] == weights[1] and not left


def epochs(run):
    return [(event.get("repeat"), event.get("fold"), event["epoch"]) for event in run.log if "epoch" in event]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_run_killed_in_an_epoch_in_a_checkpoint_or_in_scoring_ends_with_the_figures_of_the_one_left_alone(alone, recipe, tmp_path):
    (tmp_path / "recipe.yaml").write_text(recipe.dump())
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "recipe.yaml"), str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == [str(-signal.SIGKILL)] * 3, done.stderr

    reached = {"in_an_epoch": [1, 2], "in_a_checkpoint": [1, 2, 3], "in_scoring": [1, 2, 3, 4]}
    for moment, seen in reached.items():
        killed = Run(tmp_path / moment)
        assert json.loads((killed.folder / "status.json").read_text())["state"] == "running"
        assert [epoch for *_, epoch in epochs(killed)] == seen
        train(recipe, killed.folder, resume=True)
        assert same(Run.open(killed.folder), alone), moment
        assert epochs(killed) == epochs(alone)
        assert [event["event"] for event in killed.log if "event" in event] == ["resumed"]
        assert len(killed.json("test_reads.json")) == 1


@pytest.mark.parametrize("stage", ["foresee", "render"])
def test_a_run_stopped_after_learning_learns_nothing_anew_and_reads_test_no_second_time(alone, recipe, stopped, tmp_path, stage):
    stopped(f"overread.experiment.train.{stage}", recipe, tmp_path / "run")
    learnt = Run(tmp_path / "run").log

    train(recipe, tmp_path / "run", resume=True)

    run = Run.open(tmp_path / "run")
    assert same(run, alone)
    assert [event for event in run.log if "epoch" in event] == learnt
    assert len(run.json("test_reads.json")) == 1


def test_a_run_stopped_while_it_reads_images_leaves_nothing_and_resuming_begins(recipe, stopped, tmp_path):
    stopped("overread.experiment.train.scan_all", recipe, tmp_path / "run", resume=True)
    assert not (tmp_path / "run").exists()


@pytest.fixture
def heard():
    """Ctrl-C is heard here, though a shell that starts the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_in_a_fold_is_a_failed_run_that_goes_on_without_training_finished_folds_again(recipe, tmp_path, monkeypatch):
    folds = load("default", [*SETTINGS, "split.folds=2", "learner.phases=[{trains: all, epochs: 2, rate: 3e-3}]"], recipe.data)
    train(folds, tmp_path / "alone")
    write = checkpoint.write

    def interrupt(path, *given):
        write(path, *given)
        if path.parent.name == "repeat0-fold1":
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checkpoint, "write", interrupt)
        train(folds, tmp_path / "run")
    told = json.loads((tmp_path / "run" / "status.json").read_text())
    assert (told["state"], told["error"]) == ("failed", "KeyboardInterrupt")
    first = [event for event in Run(tmp_path / "run").log if event["fold"] == 0]

    train(folds, tmp_path / "run", resume=True)
    run, alone = Run.open(tmp_path / "run"), Run.open(tmp_path / "alone")
    assert same(run, alone)
    assert epochs(run) == epochs(alone)
    assert [event for event in run.log if event.get("fold") == 0] == first


def test_other_data_are_refused_row_by_row_another_place_and_version_are_not(alone, recipe, table, stopped, tmp_path):
    stopped("overread.experiment.train.foresee", recipe, tmp_path / "run")

    def relabelled(rows):
        return rows.assign(label=rows["label"].mask(rows.index < 3, "broken"), patient=rows["patient"].mask(rows.index == 9, "p0")).head(59)

    other = recipe.model_copy(update={"data": [table(relabelled, "other.csv")]})
    with pytest.raises(UserError) as refusal:
        train(other, tmp_path / "run", resume=True)
    differs = "1 row is gone (row 59); 2 rows have another label (e.g. row 0); 1 row has another patient (row 9)"
    assert refusal.value.what == f"the run was begun with other data ({differs})"

    path = tmp_path / "run" / "environment.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "versions": {**told["versions"], "torch": "1.0"}}))
    train(recipe.model_copy(update={"data": [table(name="moved.csv")]}), tmp_path / "run", resume=True)

    run = Run.open(tmp_path / "run")
    assert same(run, alone)
    changed = {"torch": ["1.0", told["versions"]["torch"]]}
    assert [entry["changed"] for entry in run.json("environment.json", "resumed")] == [changed]
    assert [event["changed"] for event in run.log if event.get("event") == "resumed"] == [changed]
    assert "interrupted and resumed" in (run.folder / "report.html").read_text()


def test_only_predictions_that_came_out_otherwise_are_another_reading_of_test(tmp_path):
    run = Run(tmp_path)
    (tmp_path / "predictions.parquet").write_bytes(b"one")
    before = foreseen(run)
    assert not scored_before(run, before)
    run.count_test_read()
    assert scored_before(run, before)
    (tmp_path / "predictions.parquet").write_bytes(b"other")
    assert not scored_before(run, before)
    assert not scored_before(run, None)


def test_a_run_that_is_done_is_not_resumed(alone, recipe):
    before = (alone.folder / "status.json").read_bytes()
    with pytest.raises(UserError, match="done already"):
        train(recipe, alone.folder, resume=True)
    assert (alone.folder / "status.json").read_bytes() == before
