import json

import pytest

from overread.errors import UserError
from overread.recipe import load
from overread.run import Run, write_text


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


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "a.txt", "new \ud800")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


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
