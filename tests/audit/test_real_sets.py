"""Published sets whose faults are known: copies, conflicting labels, negatives and a file that was cut off are found without near-copies."""

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from overread.audit.base import Context
from overread.audit.data.blank import blank
from overread.audit.data.conflicts import conflicts
from overread.audit.data.copies import copies
from overread.audit.data.inverted import inverted
from overread.audit.data.keys import keys
from overread.audit.data.memory import memory
from overread.audit.data.two_patients import two_patients
from overread.datasets.base import read
from overread.duplicates.links import none
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan
from overread.partition import prepare

pytestmark = [pytest.mark.data, pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")]

Published = Callable[..., Context]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    """A set as it was published, read without its column `group`."""

    def make(name: str, options: str = "") -> Context:
        place = Path(os.environ["OVERREAD_DATA"]) / name
        table = pd.read_csv(place / "manifest.csv", dtype=str, keep_default_na=False)
        table = table.filter(["image", "label", "split", "patient"]).assign(image=[str(place / image) for image in table["image"]])
        table.to_csv(tmp_path / "set.csv", index=False)
        found, rejected = scan(read([f"table:{tmp_path / 'set.csv'}{options}"]), Fitting(224), Cache(), 2)
        prepared = prepare(found, side=found.frame["split"]).catalog
        audited = prepared.replace(prepared.frame.assign(split=prepared.frame["published"]))
        return Context(audited, none(), rejected, Pictures(audited.frame, Fitting(224), Cache()), tmp_path / "audit", draws=200)

    return make


def test_nearly_all_of_the_fracture_sets_test_is_in_its_train_and_memory_alone_scores_it(published: Published) -> None:
    audited = published("fracture_multiregion")
    (leak,), (worth, _) = copies(audited), memory(audited)

    assert leak.severity == "leak" and leak.sentence.startswith("485 of 500 test files are byte-identical to a train file")
    assert worth.effect is not None and worth.effect.value > 0.99


def test_a_sixth_of_the_brain_sets_test_is_byte_identical_to_its_train(published: Published) -> None:
    (leak,) = copies(published("brain_mri_4class"))

    assert leak.severity == "leak" and leak.sentence.startswith("216 of 1,311 test files are byte-identical to a train file")


def test_the_knee_set_is_clean_but_for_sixteen_negatives(published: Published) -> None:
    audited = published("knee_kl", "?kind=ordinal")

    assert all(finding.passed for check in (copies, conflicts, keys, two_patients, blank) for finding in check(audited))
    assert inverted(audited)[0].sentence.startswith("16 of 1,250 pictures look like the negative")


def test_two_eyes_are_labelled_both_cataract_and_glaucoma(published: Published) -> None:
    audited = published("fundus_4class")
    (finding,) = conflicts(audited)
    listed = pd.read_csv(audited.folder / "evidence" / "conflicts.csv")

    assert finding.sentence.startswith("2 pictures carry two labels (2 byte-identical); 4 rows")
    assert set(listed["label"]) | set(listed["its label"]) == {"cataract", "glaucoma"}


def test_the_fracatlas_film_that_was_cut_off_is_the_only_one_named(published: Published) -> None:
    audited = published("fracatlas")
    (finding,) = blank(audited)

    assert finding.sentence == "1 of 2,315 pictures show little or nothing (1 cut off)."
