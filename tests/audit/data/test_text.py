"""A report that says the label is named loudly, with the words that do it; one that says nothing is not, and no name is repeated."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.restates import restates
from overread.audit.data.text import text
from overread.catalog import Catalog, Target
from overread.findings import Severity

N = 400
SICK = np.arange(N) // 2 % 10 < 4
FILLER = ["the", "joint", "soft", "tissue", "bone", "alignment", "signal", "knee", "lateral", "view", "shows", "with", "of", "normal", "patient"]


def reports(seed: int = 0, said: dict[bool, str] | None = None, sure: float = 1.0) -> list[str]:
    """Ten everyday words and a name of the patient's own; the words of `said` by the label, in a share `sure` of the reports."""
    draw = np.random.default_rng(seed)
    names = ["".join(draw.choice(list("bcdfgklmnprst"), 7)) for _ in range(N // 2)]
    return [
        " ".join(
            [f"Mr {names[i // 2].title()} id{i:05d}:", *draw.choice(FILLER, 10), (said or {}).get(bool(SICK[i]), "") if draw.random() < sure else ""]
        )
        for i in range(N)
    ]


def context(column: Any, keep: int = N, read: tuple[str, ...] | None = None, texts: tuple[str, ...] = ()) -> Context:
    """A table without pictures: 40 % sick, two images a patient, and one more column."""
    frame = pd.DataFrame({"row": np.arange(N), "image": "x", "component": (np.arange(N) // 2).astype(str), "report": column})
    frame["label"] = np.where(SICK, "fracture", "none")
    catalog = Catalog(frame[:keep], {"label": Target("binary", ("none", "fracture"), "fracture")})
    nothing = pd.DataFrame()
    return Context(catalog, nothing, nothing, pictures=None, draws=200, read=read, texts=texts)  # type: ignore[arg-type]


GIVEN = reports(said={True: "Impression: undisplaced break of the radius", False: "Impression: unremarkable"})


def test_a_report_that_gives_the_label_is_named_loudly_with_its_words() -> None:
    (found,) = text(context(GIVEN))

    assert found.passed is False and found.severity is Severity.HIGH and found.remedy
    assert found.sentence.startswith("The text alone gives the label: report tells label")
    assert "unremarkable" in found.sentence
    assert found.effect is not None and found.effect.low is not None and found.effect.low >= 0.95


def test_random_text_passes() -> None:
    (found,) = text(context(reports()))

    assert found.passed is True and "Nothing is shown" in found.sentence


def test_a_hint_is_told_from_a_giveaway() -> None:
    (found,) = text(context(reports(said={True: "swelling"}, sure=0.6)))

    assert found.passed is False and "alone gives" not in found.sentence and "“swelling”" in found.sentence


def test_neither_a_text_nor_a_name_nor_an_id_is_repeated() -> None:
    (found,) = text(context(GIVEN))

    named = found.sentence.casefold()
    assert not any(word.strip(":").casefold() in named for report in GIVEN for word in report.split()[1:3])


@pytest.mark.parametrize(
    "column",
    [
        np.arange(N),
        [f"films of 2020/patient {i}/view {i}.png" for i in range(N)],
        np.resize(["left upper lobe of lung", "right upper lobe of lung"], N),
        [f"id{i:05d}" for i in range(N)],
        np.full(N, None),
    ],
)
def test_other_columns_are_not_taken_for_text(column: Any) -> None:
    (found,) = text(context(column))

    assert found.passed is True and "no column of free text" in found.sentence


def test_a_column_that_the_learner_reads_as_text_is_asked_however_it_looks() -> None:
    short = np.where(SICK, "painful", "check")

    (found,) = text(context(short, read=("report",), texts=("report",)))

    assert found.passed is False and found.severity is Severity.HIGH and "The model reads it." in found.sentence


def test_a_report_that_no_model_reads_is_no_alarm() -> None:
    (found,) = text(context(GIVEN, read=()))

    assert found.passed is False and found.severity is Severity.LOW and "No model of this run reads it." in found.sentence


def test_few_patients_decide_nothing() -> None:
    (found,) = text(context(GIVEN, keep=30))

    assert found.passed is None and "cannot be measured" in found.sentence


def test_the_same_data_and_seed_give_the_same_finding() -> None:
    assert text(context(GIVEN)) == text(context(GIVEN))


def test_a_column_that_restates_the_label_is_loud_where_the_model_reads_it() -> None:
    column = np.where(SICK, "1", "0")
    (quiet,), (loud,) = restates(context(column)), restates(context(column, read=("report",)))

    assert quiet.severity is Severity.LOW
    assert loud.severity is Severity.HIGH and "The model reads it" in loud.sentence
