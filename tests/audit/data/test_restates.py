"""A column that gives the class away is named, however it does; ids, numbers and few patients are not blamed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.restates import restates
from overread.catalog import Catalog, Target

N = 400
SICK = np.arange(N) // 2 % 10 < 3
DRAW = np.random.default_rng(0)
NAMES = np.where(SICK, "fractured", "not fractured")


def context(column: Any, declared: bool = False, keep: np.ndarray | None = None) -> Context:
    """A table without pictures: 30 % sick, two images a patient, and one more column."""
    frame = pd.DataFrame({"row": np.arange(N), "image": "x", "label": NAMES, "component": np.arange(N) // 2, "extra": column}).astype(
        {"component": str}
    )
    target = Target("binary", ("not fractured", "fractured"), "fractured")
    catalog = Catalog(frame if keep is None else frame[keep], {"label": target}, ["extra"] if declared else [])
    return Context(catalog, pd.DataFrame(), pd.DataFrame(), pictures=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "how"),
    [
        (np.where(SICK, DRAW.integers(1, 5, N), 0), "its values"),
        (np.where(SICK, DRAW.choice(["train", "test"], N), ""), "whether it is filled in"),
        (np.where(SICK, DRAW.normal(7, 1, N), DRAW.normal(0, 1, N)), "its number, cut at a few places"),
        ([f"pack/{name}/IMG{i}.jpg" for i, name in enumerate(NAMES)], "the class's name in it"),
        ([f"Report {i}: {name.upper()}." for i, name in enumerate(NAMES)], "the class's name in it"),
        ([f"pack/{'p' if sick else 'q'}/IMG{i}.jpg" for i, sick in enumerate(SICK)], "a folder in it"),
        ([f"{'Te-gl' if sick else 'Te-no'}_{i:04d}.jpg" for i, sick in enumerate(SICK)], "its text without the digits"),
        (np.where(SICK & (np.arange(N) % 20 < 10), "plate", np.where(np.arange(N) % 20 < 18, "", "none")), "its values"),
    ],
)
def test_a_column_that_gives_the_class_away_is_named_and_how(column: Any, how: str) -> None:
    (found,) = restates(context(column))

    assert found.severity == "low" and found.passed is False
    assert f"extra ({how})" in found.sentence


@pytest.mark.parametrize(
    "column",
    [
        np.arange(N),
        [f"IMG{i:07d}.jpg" for i in range(N)],
        np.arange(N) // 2,
        DRAW.normal(60, 10, N),
        DRAW.choice(["f", "m", ""], N),
        np.where(SICK ^ (DRAW.random(N) < 0.15), "yes", "no"),
        np.full(N, "one"),
        np.full(N, None),
        np.where(np.arange(N) % 7 == 0, np.inf, 1e300 * DRAW.normal(size=N)),
    ],
    ids=["row", "file", "patient", "age", "sex", "a sign that often goes with it", "constant", "empty", "beyond counting"],
)
def test_a_column_that_does_not_is_not(column: Any) -> None:
    (found,) = restates(context(column))

    assert found.passed is True and found.severity == "info"


def test_a_declared_one_is_grave() -> None:
    (found,) = restates(context(np.where(SICK, 2, 0), declared=True))

    assert found.severity == "high" and "Declared as a covariate" in found.sentence
    assert found.effect is not None and found.effect.value == pytest.approx(1)


def test_what_ten_patients_agree_on_proves_nothing() -> None:
    (found,) = restates(context(np.where(SICK, "plate", "none"), keep=np.arange(N) < 20))

    assert found.passed is True


def test_the_images_own_path_is_not_asked_under_another_name() -> None:
    path = [f"pack/{name}/IMG{i}.jpg" for i, name in enumerate(NAMES)]
    made = context(path)
    (found,) = restates(replace(made, catalog=made.catalog.replace(made.rows.assign(image=path))))

    assert found.passed is True and "no column" in found.sentence


def test_the_houses_columns_are_not_asked_and_the_table_names_the_others(tmp_path: Any) -> None:
    made = context(NAMES)
    frame = made.rows.assign(patient=NAMES, **{"fact:mode": NAMES})
    (found,) = restates(replace(made, catalog=made.catalog.replace(frame), folder=tmp_path))

    assert pd.read_csv(tmp_path / found.evidence[0])["column"].tolist() == ["extra"]
