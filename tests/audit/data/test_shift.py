"""Train unlike test, and a site unlike another, are told; a split at random is not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from overread.audit.base import Context
from overread.audit.data.shift import shift

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]
N = 60
LABEL = ["sick", "well"] * (N // 2)
SPLIT = np.random.default_rng(0).choice(["train", "train", "test"], N)


def test_a_brighter_test_and_a_wider_one_are_told_and_named(context: Make, film: Film) -> None:
    made = context([film(i)[:, 8:] if part == "test" else film(i) for i, part in enumerate(SPLIT)], LABEL, split=SPLIT)
    (found,) = shift(made)
    told = pd.read_csv(made.folder / "evidence" / "shift-split.csv")

    assert found.severity == "low" and found.passed is False and "tell train from test" in found.sentence
    assert "the file's width" in found.sentence and told.set_index("told from")["AUROC"]["the file's width"] == 1


def test_a_split_at_random_passes(context: Make, film: Film) -> None:
    (found,) = shift(replace(context([film(i) for i in range(N)], LABEL, split=SPLIT), folder=None))

    assert found.passed is True and "Nothing is shown" in found.sentence


def test_sites_are_told_by_their_pictures_alone(context: Make, film: Film) -> None:
    site = np.random.default_rng(1).choice(["a", "b"], N)
    pictures = [film(i) // 2 if one == "b" else film(i) for i, one in enumerate(site)]
    (found,) = shift(replace(context(pictures, LABEL, site=site), folder=None))

    assert found.passed is False and "one site from another" in found.sentence


def test_without_split_source_or_site_nothing_is_decided(context: Make, film: Film) -> None:
    (found,) = shift(context([film(i) for i in range(4)], LABEL[:4]))

    assert found.passed is None
