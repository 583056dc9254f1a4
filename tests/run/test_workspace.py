from overread.run.workspace import Workspace


def test_rewinding_takes_back_this_trainings_later_epochs_and_no_other_line(tmp_path):
    journal = tmp_path / "log.jsonl"
    first, second, kept = (Workspace(tmp_path, journal, where) for where in ({"repeat": 0, "fold": 0}, {"repeat": 0, "fold": 1}, {}))
    for epoch in (1, 2):
        first.log(epoch=epoch)
    kept.log(event="resumed")
    for epoch in (1, 2, 3):
        second.log(epoch=epoch)
    lines = journal.read_text().splitlines()

    kept.rewind(0)
    assert journal.read_text().splitlines() == lines
    second.rewind(1)
    assert journal.read_text().splitlines() == lines[:4]
    first.rewind(0)
    assert journal.read_text().splitlines() == lines[2:4]


def test_rewinding_before_anything_was_logged_makes_no_log(tmp_path):
    Workspace(tmp_path, tmp_path / "log.jsonl", {}).rewind(0)
    assert not list(tmp_path.iterdir())
