"""Labels that were turned are doubted and shown, and where labels cannot be told none is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.noise import noise

Make = Callable[..., Context]
N = 120
STRIPED = np.arange(N) % 2 == 1
TURNED = [7, 30, 61, 88]


@pytest.fixture
def pictures(film: Callable[..., np.ndarray]) -> list[np.ndarray]:
    """Films; every second one has stripes."""
    stripes = (40 * (np.arange(64) % 8 < 4)).astype(np.uint8)[:, None]
    return [np.clip(film(i).astype(int) + stripes * striped, 0, 255).astype(np.uint8) for i, striped in enumerate(STRIPED)]


def test_turned_labels_are_listed_first_and_shown(context: Make, pictures: list[np.ndarray]) -> None:
    turned = np.isin(np.arange(N), TURNED)
    made = context(pictures, np.where(STRIPED ^ turned, "sick", "well").tolist())
    (found,) = noise(made)
    listed = pd.read_csv(made.folder / "evidence" / "noise.csv", dtype={"row": str})

    assert found.severity == "low" and found.passed is False and "evidence/noise.png" in found.evidence
    assert set(map(str, TURNED)) <= set(listed["row"].head(5)) and len(listed) < 12
    assert (listed["label"] != listed["looks like"]).all()
    assert noise(replace(made, folder=None))[0].sentence == found.sentence


def test_labels_that_frozen_features_cannot_tell_are_not_doubted(context: Make, pictures: list[np.ndarray]) -> None:
    label = np.random.default_rng(1).choice(["sick", "well"], N).tolist()
    (found,) = noise(replace(context(pictures, label), folder=None))

    assert found.passed is None and "too poorly" in found.sentence


def test_labels_that_all_agree_pass_and_too_few_are_not_judged(context: Make, pictures: list[np.ndarray]) -> None:
    made = replace(context(pictures, np.where(STRIPED, "sick", "well").tolist()), folder=None)
    (found,) = noise(made)
    (few,) = noise(replace(made, catalog=made.catalog.only(np.arange(N) < 2)))

    assert found.passed is True
    assert few.passed is None
