"""Pictures with two labels are found among copies and near-copies, and only there."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from overread.audit.base import Context
from overread.audit.data.conflicts import conflicts
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def test_each_picture_with_two_labels_is_listed_once_with_how_it_was_found(context: Make, film: Film) -> None:
    pictures = [film(0), film(0), film(1), np.rot90(film(1)).copy(), film(2), film(2), film(3)]
    audited = context(pictures, ["well", "sick", "sick", "well", "well", "well", "sick"], links=[{"row": "2", "other": "3", "angle": -90.0}])
    (finding,) = conflicts(audited)
    listed = pd.read_csv(audited.folder / "evidence" / "conflicts.csv")

    assert (finding.severity, finding.passed) == (Severity.HIGH, False)
    assert finding.sentence == "2 pictures carry two labels (1 byte-identical, 1 near-copy); 4 rows show them."
    assert listed[["row", "same picture as row"]].to_numpy().tolist() == [[0, 1], [2, 3]]
    assert (listed["label"] != listed["its label"]).all()
    assert listed["how"].tolist() == ["byte-identical", "turned by 90°, correlation 0.95"]


def test_two_labels_that_only_an_unlabelled_copy_joins_are_found(context: Make, film: Film) -> None:
    links = [{"row": "0", "other": "1"}, {"row": "1", "other": "2"}]
    (finding,) = conflicts(context([film(0), film(1), film(2), film(3)], ["well", None, "sick", "sick"], links=links))

    assert finding.passed is False and finding.sentence == "1 picture carries two labels (1 near-copy); 2 rows show it."


def test_copies_that_agree_and_unknown_labels_are_no_conflict(context: Make, film: Film) -> None:
    (finding,) = conflicts(context([film(0), film(0), film(0), film(1)], ["well", "well", None, "sick"]))

    assert finding.passed
