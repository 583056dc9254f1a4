"""A mark at the edge is found with the anatomy hidden; a change in the middle is not blamed on the edge."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from overread.audit.base import Context
from overread.audit.data.hidden_anatomy import hidden_anatomy

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]
N = 60
LABEL = np.random.default_rng(0).choice(["sick", "well"], N).tolist()


def test_a_mark_in_the_corner_is_found(context: Make, film: Film) -> None:
    pictures = [film(i) for i in range(N)]
    for picture, label in zip(pictures, LABEL, strict=True):
        if label == "sick":
            picture[1:6, -6:-1] = 255
    made = context(pictures, LABEL)
    edge, _ = hidden_anatomy(made)
    told = pd.read_csv(made.folder / edge.evidence[0])

    assert edge.severity == "high" and edge.passed is False and "edge of the picture" in edge.sentence
    assert edge.effect is not None and edge.effect.low > 0.8
    assert set(told["told from"]) == {"the border (outer 5%)", "the four corners", "a thumbnail of 8 x 8", "the histogram"}


def test_a_bright_middle_is_no_shortcut_but_worth_knowing(context: Make, film: Film) -> None:
    pictures = [film(i) for i in range(N)]
    for picture, label in zip(pictures, LABEL, strict=True):
        if label == "sick":
            picture[20:44, 20:44] = 255
    edge, coarse = hidden_anatomy(replace(context(pictures, LABEL), folder=None))

    assert edge.passed is True
    assert coarse.severity == "low" and coarse.passed is False and "It need not be a shortcut" in coarse.remedy


def test_too_few_are_not_judged(context: Make, film: Film) -> None:
    few = hidden_anatomy(context([film(i) for i in range(12)], LABEL[:12]))

    assert [one.passed for one in few] == [None]
