"""The nearest neighbour is scikit-learn's, and never of one's own group."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from overread.audit import neighbour


def test_it_agrees_with_scikit_learn_in_pieces_too(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    asked, known = draw.normal(size=(50, 8)), draw.normal(size=(70, 8))
    expected = NearestNeighbors(n_neighbors=1).fit(known).kneighbors(asked, return_distance=False)[:, 0]
    whole = neighbour.nearest(asked, known)
    monkeypatch.setattr(neighbour, "CELLS", 200)

    assert whole.tolist() == neighbour.nearest(asked, known).tolist() == expected.tolist()


def test_ones_own_group_is_closed() -> None:
    points = np.array([[0.0], [0.1], [5.0]])
    group = np.array([0, 0, 1])

    assert neighbour.nearest(points, points, (group, group)).tolist() == [2, 2, 1]
    assert neighbour.nearest(points[:1], points[:2], (group[:1], group[:2])).tolist() == [-1]
