import json
from contextlib import suppress

import pandas as pd
import pytest

from overread.errors import UserError
from overread.recipe import load
from overread.run import Run


def test_a_run_is_running_inside_and_done_after(tmp_path):
    with Run.make(tmp_path / "run", load("default")) as run, pytest.raises(UserError, match="running"):
        Run.open(run.folder)
    assert Run.open(tmp_path / "run").recipe == load("default")


def test_a_run_that_breaks_is_failed_and_does_not_load(tmp_path):
    with pytest.raises(ZeroDivisionError), Run.make(tmp_path / "run", load("default")) as run:
        run.workspace().log(epoch=1)
        raise ZeroDivisionError
    with pytest.raises(UserError, match="failed"):
        Run.open(tmp_path / "run")


def test_a_run_that_breaks_before_it_learns_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), Run.make(tmp_path / "run", load("default")):
        raise ZeroDivisionError
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_something_is_not_written_to(tmp_path):
    (tmp_path / "precious.txt").write_text("x")
    with pytest.raises(UserError, match="not empty"), Run.make(tmp_path, load("default")):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_folder_without_status_is_no_run(tmp_path):
    with pytest.raises(UserError, match="not a run folder"):
        Run.open(tmp_path)


def test_the_log_says_where_each_line_comes_from(tmp_path):
    with Run.make(tmp_path / "run", load("default")) as run:
        run.workspace(repeat=0, fold=2).log(epoch=1, loss=0.5)
    assert {"repeat": 0, "fold": 2, "epoch": 1, "loss": 0.5}.items() <= run.log[0].items()


def test_readings_of_test_are_counted(tmp_path):
    with Run.make(tmp_path / "run", load("default")) as run:
        assert [run.count_test_read(), run.count_test_read()] == [1, 2]
    assert len(json.loads((run.folder / "test_reads.json").read_text())) == 2


def test_a_folder_that_stood_there_before_is_emptied_and_kept(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    for name in ("mine", "link"):
        with pytest.raises(ZeroDivisionError), Run.make(tmp_path / name, load("default")):
            raise ZeroDivisionError
        assert (tmp_path / name).is_dir()
        assert not any((tmp_path / name).iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"time": 3}'])
def test_a_status_that_is_cut_off_is_said_and_is_not_done(tmp_path, content):
    (tmp_path / "status.json").write_bytes(content)
    with pytest.raises(UserError, match=r"status\.json is damaged"):
        Run.open(tmp_path)


@pytest.mark.parametrize("name", ["recipe.yaml", "catalog.parquet", "predictions.parquet", "metrics.json"])
def test_a_file_of_a_run_that_is_gone_or_damaged_is_named(tmp_path, name):
    with Run.make(tmp_path / "run", load("default")) as run:
        pass
    for content, words in ((None, f"has no {name}"), (b"PAR1{: [", f"{name} is damaged")):
        path = run.folder / name
        path.unlink(missing_ok=True) if content is None else path.write_bytes(content)
        with pytest.raises(UserError, match=words):
            getattr(Run.open(run.folder), name.partition(".")[0])


def test_a_parquet_file_of_a_run_in_which_a_byte_has_changed_is_named(tmp_path):
    with Run.make(tmp_path / "run", load("default")) as run:
        pd.DataFrame({"row": ["a"] * 99}).to_parquet(run.folder / "predictions.parquet")
    path = run.folder / "predictions.parquet"
    whole = path.read_bytes()
    for at in range(4, len(whole), 7):  # pyarrow calls much of this damage an OSError
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        with suppress(UserError):
            assert isinstance(run.predictions, pd.DataFrame)


def test_a_damaged_catalog_that_a_training_was_begun_with_is_named(tmp_path):
    run = interrupted(tmp_path / "run")
    (run.checkpoints / "catalog.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"catalog\.parquet is damaged .*checkpoints"):
        _ = run.begun_with


def interrupted(folder, recipe=None):
    """A training that was begun, learnt one epoch and was killed: nothing was tidied up."""
    with pytest.raises(KeyboardInterrupt), Run.make(folder, recipe or load("default")) as run:
        run.workspace().log(epoch=1)
        (run.workspace().folder / "kept").write_text("x")
        raise KeyboardInterrupt
    (folder / "status.json").write_text('{"state": "running"}')
    return run


@pytest.mark.parametrize("left", [None, [], [".lock", ".status.json.7.part"], ["status.json", ".recipe.yaml.7.part"]])
def test_resuming_where_nothing_was_begun_begins(tmp_path, left):
    if left is not None:
        (tmp_path / "run").mkdir()
        for name in left:
            (tmp_path / "run" / name).write_text('{"state": "running"}')
    with Run.resume(tmp_path / "run", load("default")):
        pass
    assert Run.open(tmp_path / "run").recipe == load("default")


def test_a_run_killed_before_it_learnt_goes_on(tmp_path):
    (tmp_path / "status.json").write_text('{"state": "running"}')
    (tmp_path / "recipe.yaml").write_text(load("default").dump())
    (tmp_path / "rejected.csv").write_text("row,image,reason\n")
    with Run.resume(tmp_path, load("default")):
        pass
    assert Run.open(tmp_path)


def test_an_interrupted_run_keeps_what_going_on_needs_until_it_is_done(tmp_path):
    run = interrupted(tmp_path / "run")
    assert (run.checkpoints / "model" / "kept").exists()
    with Run.resume(run.folder, load("default")):
        assert (run.checkpoints / "model" / "kept").exists()
        assert run.log[0]["epoch"] == 1
    assert Run.open(run.folder).log[0]["epoch"] == 1
    assert sorted(path.name for path in run.folder.iterdir()) == ["log.jsonl", "recipe.yaml", "status.json"]


def test_a_run_without_log_but_with_a_checkpoint_is_not_thrown_away(tmp_path):
    run = interrupted(tmp_path / "run")
    (run.folder / "log.jsonl").unlink()
    with pytest.raises(ZeroDivisionError), Run.resume(run.folder, load("default")):
        raise ZeroDivisionError
    assert (run.checkpoints / "model" / "kept").exists()


def test_an_interrupted_training_is_not_written_over_and_resuming_is_offered(tmp_path):
    run = interrupted(tmp_path / "run")
    with pytest.raises(UserError, match=r"not empty.*--resume"), Run.make(run.folder, load("default")):
        pass
    with pytest.raises(UserError, match=r"running, not done.*--resume"):
        Run.open(run.folder)


def test_what_is_done_and_what_is_no_run_is_not_resumed(tmp_path):
    with Run.make(tmp_path / "run", load("default")):
        pass
    with pytest.raises(UserError, match="done already"), Run.resume(tmp_path / "run", load("default")):
        pass
    assert Run.open(tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious.txt").write_text("x")
    with pytest.raises(UserError, match="not a run folder"), Run.resume(tmp_path / "mine", load("default")):
        pass
    (tmp_path / "mine" / "status.json").write_text('{"state": "failed"}')
    with pytest.raises(UserError, match="not a training"), Run.resume(tmp_path / "mine", load("default")):
        pass
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["precious.txt", "status.json"]


def test_another_recipe_is_refused_key_by_key_and_changes_nothing(tmp_path):
    run = interrupted(tmp_path / "run")
    other = load("default", ["learner.batch=7", "seed=3", "runtime.threads=1"], ["folder:elsewhere"])
    with pytest.raises(UserError, match=r"learner\.batch: 7 was 32; seed: 3 was 0\)"), Run.resume(run.folder, other):
        pass
    assert json.loads((run.folder / "status.json").read_text())["state"] == "running"
    assert run.recipe == load("default")


def test_a_line_that_a_kill_cut_short_is_no_event_and_nothing_is_glued_to_it(tmp_path):
    run = interrupted(tmp_path / "run")
    with (run.folder / "log.jsonl").open("ab") as file:
        file.write('{"epoch": 2, "where": "å'.encode()[:-1])
    assert [event["epoch"] for event in run.log] == [1]
    with Run.resume(run.folder, load("default")):
        run.workspace().log(epoch=2)
    assert [event["epoch"] for event in run.log] == [1, 2]


def test_what_a_kill_left_half_written_is_cleared_away(tmp_path):
    run = interrupted(tmp_path / "run")
    parts = [run.folder / ".metrics.json.7.part", run.checkpoints / "model" / ".kept.7.part"]
    for part in parts:
        part.write_text("half")
    with Run.resume(run.folder, load("default")):
        assert not any(part.exists() for part in parts)


def test_two_processes_do_not_work_in_one_run(tmp_path):
    run = interrupted(tmp_path / "run")
    with Run.resume(run.folder, load("default")):
        for enter in (Run.resume, Run.make):
            with pytest.raises(UserError, match="at work"), enter(run.folder, load("default")):
                pass
        assert json.loads((run.folder / "status.json").read_text())["state"] == "running"
