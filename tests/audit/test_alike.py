"""Copies are followed through chains, whatever keys say, and told in words."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from overread.audit.alike import families, found_again, in_words
from overread.audit.base import Context

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def test_families_follow_pixels_and_links_but_no_patient(context: Make, film: Film) -> None:
    links = [{"row": "1", "other": "2"}]
    audited = context([film(0), film(0), film(1), film(2)], ["well", "sick"] * 2, links=links, patient=["a", "b", "c", "c"])
    family = families(audited.rows, audited.links)

    assert family[0] == family[1] == family[2] != family[3]


def test_the_best_link_between_the_two_parts_is_shown_and_turned_to_face_the_asked_row(context: Make, film: Film) -> None:
    links = [
        {"row": "0", "other": "2", "correlation": 0.9, "scale": 2.0},
        {"row": "1", "other": "2", "correlation": 0.99, "scale": 0.5},
        {"row": "2", "other": "3"},
    ]
    audited = context([film(i) for i in range(5)], ["well", "sick"] * 2 + ["well"], links=links)
    asked = audited.rows["row"].isin(["2", "4"])
    found = found_again(audited.rows, audited.family, audited.links, asked, audited.rows["row"].isin(["0", "1"]))

    assert found[["row", "kind", "other"]].to_numpy().tolist() == [["2", "near-copy", "1"]]
    assert found["scale"].iloc[0] == pytest.approx(2.0)


def test_the_plainest_kind_is_named(context: Make, film: Film, png: Callable[..., bytes]) -> None:
    audited = context([film(0), film(0), png(film(0), compress_level=1), film(1)], ["well", "sick"] * 2, links=[{"row": "3", "other": "0"}])
    found = found_again(audited.rows, audited.family, audited.links, audited.rows["row"] != "0", audited.rows["row"] == "0")

    assert found["kind"].tolist() == ["byte-identical", "pixel-identical", "near-copy"]


def test_the_words_say_what_was_done_and_leave_out_what_was_not() -> None:
    told = pd.DataFrame(
        {
            "kind": "near-copy",
            "mirrored": [True, False],
            "inverted": [False, True],
            "angle": [359.8, -90.0],
            "scale": [1.0, 2.0],
            "overlap": [1.0, 0.8],
            "correlation": [0.971, 0.9],
        }
    )

    assert in_words(told) == [
        "mirrored, correlation 0.97",
        "grey inverted, turned by 90°, scaled by 2.00, 80% of the smaller in both, correlation 0.90",
    ]
