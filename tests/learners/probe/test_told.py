"""What is said while a probe is fitted."""

import pytest

from overread.learners.probe import Probe
from overread.progress import shown
from overread.run import Workspace


@pytest.mark.parametrize(("strengths", "chosen", "further"), [((1, 2, 3), 1, False), ((3, 5, 500), 500, False), ((3, 5, 30), 30, True)])
def test_neighbours_beyond_one_or_all_are_not_recommended(data, told, tmp_path, capsys, strengths, chosen, further):
    """Labels that nothing tells."""
    films = data()
    films = films.replace(films.frame.assign(label=films.frame["label"].sample(frac=1, random_state=1).to_numpy()))
    with shown():
        Probe.fit(films, told(head="knn", scale="none", strengths=list(strengths)), Workspace(tmp_path, tmp_path / "log.jsonl", {}), 0)

    said = capsys.readouterr().err
    assert f"of 3 strengths, {chosen} has the smallest log loss" in said
    assert ("may go further" in said) == further
