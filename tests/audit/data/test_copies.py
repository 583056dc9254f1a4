"""Copies of scored images are counted by kind, and an honest split passes."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.copies import copies
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


@pytest.fixture
def leaking(context: Make, film: Film, png: Callable[..., bytes]) -> Context:
    """Train 0 to 4; test: a byte copy of 0 (twice), the pixels of 1 in another file, a turned 2, a mirrored copy of that one, a stranger."""
    turned = np.rot90(film(2)).copy()
    pictures = [*map(film, range(5)), film(0), film(0), png(film(1), compress_level=1), turned, turned[:, ::-1].copy(), film(9)]
    links = [
        {"row": "8", "other": "2", "angle": 90.0, "correlation": 0.97},
        {"row": "9", "other": "8", "mirrored": True, "correlation": 0.99},
    ]
    return context(pictures, ["well", "sick"] * 5 + ["well"], links=links, split=["train"] * 5 + ["test"] * 6)


def test_each_kind_of_copy_is_counted_as_files_and_as_distinct_pictures(leaking: Context) -> None:
    (finding,) = copies(leaking)

    assert (finding.severity, finding.passed) == (Severity.LEAK, False)
    assert finding.effect is not None and finding.effect.value == pytest.approx(5 / 6) and finding.effect.n == 6
    assert finding.sentence.startswith("2 of 6 test files are byte-identical to a train file; with those of the same pixels in another file 3")
    assert "with near-copies 5 (83.3%)" in finding.sentence
    table = pd.read_csv(leaking.folder / "evidence" / "copies-of-test-in-train.csv").set_index("copy")
    assert table["files"].to_dict() == {"byte-identical": 2, "pixel-identical": 1, "near-copy": 2, "all": 5}
    assert table["distinct pictures"].to_dict() == {"byte-identical": 1, "pixel-identical": 1, "near-copy": 2, "all": 4}


def test_every_affected_row_is_listed_with_the_row_it_repeats_and_how(leaking: Context) -> None:
    (finding,) = copies(leaking)
    listed = pd.read_csv(leaking.folder / "evidence" / "copies-of-test-in-train-rows.csv", dtype=str).set_index("test row")

    assert listed["train row"].to_dict() == {"5": "0", "6": "0", "7": "1", "8": "2", "9": "2"}
    assert listed.loc["8", "how"] == "turned by 90°, correlation 0.97"
    assert listed.loc["9", "how"] == "a near-copy, by way of a third picture"
    assert all((leaking.folder / file).is_file() for file in finding.evidence) and len(finding.evidence) == 4
    assert json.dumps(finding.to_dict())


def test_an_honest_split_passes(context: Make, film: Film) -> None:
    (finding,) = copies(context([*map(film, range(6)), film(0)], ["well", "sick"] * 3 + ["well"], split=["train"] * 3 + ["test"] * 3 + ["train"]))

    assert finding.passed and not finding.evidence and "No image of test has a copy in train" in finding.sentence


def test_a_copy_of_a_val_image_is_grave_but_no_leak_of_the_test(context: Make, film: Film) -> None:
    split = ["train", "train", "val", "val", "test", "test"]
    findings = copies(context([film(0), film(1), film(0), film(2), film(2), film(3)], ["well", "sick"] * 3, split=split))

    assert [finding.severity for finding in findings] == [Severity.HIGH, Severity.HIGH]
    assert "1 of 2 val files" in findings[0].sentence and "1 of 2 test files are byte-identical to a val file" in findings[1].sentence


def test_without_a_split_nothing_is_decided(context: Make, film: Film) -> None:
    (finding,) = copies(context([film(0), film(0)], ["well", "sick"]))

    assert finding.passed is None and "no split" in finding.sentence


def test_without_a_folder_the_same_is_said_and_nothing_is_written(leaking: Context) -> None:
    (told,), (silent,) = copies(leaking), copies(replace(leaking, folder=None))

    assert silent.evidence == [] and silent.sentence == told.sentence
