"""What tells the label without the image is found and named; what does not, is not."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.guess import guess

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]
N = 160
LABEL = np.random.default_rng(0).choice(["sick", "well"], N).tolist()


def declaring(context: Context, *covariates: str) -> Context:
    return replace(context, catalog=replace(context.catalog, covariates=list(covariates)))


def test_a_width_that_goes_with_the_label_is_found_and_named(context: Make, film: Film) -> None:
    made = context([film(i)[:, : 60 if label == "sick" else 64] for i, label in enumerate(LABEL)], LABEL)
    (found,) = guess(made)
    told = pd.read_csv(made.folder / found.evidence[0])

    assert found.severity == "high" and found.passed is False
    assert "the strongest alone: the file's width 1.00" in found.sentence and "label" in found.sentence
    assert told["told from"].tolist()[:2] == ["all of these together", "the file's width"]
    assert found.effect is not None and found.effect.low > 0.9 and told["accuracy"].iloc[1] == 1


def test_two_covariates_that_tell_the_label_only_together_are_found(context: Make, film: Film) -> None:
    room = np.random.default_rng(1).integers(0, 2, N)
    device = room ^ (np.array(LABEL) == "sick")
    made = context([film(i) for i in range(N)], LABEL, room=np.array(["a", "b"])[room], device=np.array(["x", "y"])[device])
    (found,) = guess(declaring(made, "room", "device"))
    told = pd.read_csv(made.folder / found.evidence[0]).set_index("told from")["AUROC"]

    assert found.severity == "high" and found.effect is not None and found.effect.low > 0.7
    assert told["room"] < 0.65 and told["device"] < 0.65 and told["all of covariates"] > 0.9


def test_what_tells_nothing_passes_and_a_column_that_was_not_declared_is_not_asked(context: Make, film: Film) -> None:
    made = context([film(i) for i in range(N)], LABEL, age=np.random.default_rng(2).normal(60, 10, N), label_again=LABEL)
    (found,) = guess(replace(declaring(made, "age"), folder=None))

    assert found.passed is True and found.severity == "info" and found.evidence == []
    assert "label_again" not in found.sentence


def test_too_few_cases_and_nothing_that_varies_are_said(context: Make) -> None:
    few = context([np.full((64, 64), 40 * i, np.uint8) for i in range(6)], ["sick", "well"] * 3)
    (undecided,) = guess(few)
    (alike,) = guess(replace(few, catalog=few.catalog.replace(few.rows.drop(columns=few.catalog.facts))))

    assert undecided.passed is None and alike.passed is True and "nothing but the image" in alike.sentence


@pytest.mark.data
@pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")
def test_the_fundus_sets_label_is_told_by_its_files_and_the_knee_sets_is_not() -> None:
    fundus, knee = (_facts_of(name) for name in ("fundus_4class", "knee_kl"))
    (told,), (quiet,) = guess(fundus), guess(knee)

    assert told.severity == "high" and told.effect is not None and told.effect.value > 0.9
    assert quiet.passed is True


def _facts_of(name: str) -> Context:
    """The set's facts as its manifest tells them; no picture is read."""
    from overread.catalog import Catalog, Target
    from overread.partition import prepare

    table = pd.read_csv(Path(os.environ["OVERREAD_DATA"]) / name / "manifest.csv", dtype=str, keep_default_na=False)
    frame = table.filter(["image", "label", "patient"]).assign(row=range(len(table)), bytes_sha=table["orig_sha1"])
    for fact, column in {"width": "orig_w", "height": "orig_h", "mode": "orig_mode", "bytes": "orig_bytes"}.items():
        frame[f"fact:{fact}"] = table[column]
    frame["fact:extension"] = table["path"].str.rsplit(".", n=1).str[-1]
    catalog = prepare(Catalog(frame, {"label": Target.infer(frame["label"], name)}, [], name)).catalog
    return Context(catalog, pd.DataFrame(), pd.DataFrame(), pictures=None, draws=200)  # type: ignore[arg-type]
