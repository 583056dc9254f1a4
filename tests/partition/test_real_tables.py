"""Two published sets of radiographs: one leaks, one does not, and both are told apart."""

import os
from pathlib import Path

import pandas as pd
import pytest

from overread.catalog import Catalog, Target
from overread.partition import grade, partition
from overread.recipe import Split

pytestmark = [pytest.mark.data, pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")]


def published(name: str, kind: str | None = None) -> Catalog:
    """The set's manifest; the hash of each source file stands for its bytes."""
    table = pd.read_csv(Path(os.environ["OVERREAD_DATA"]) / name / "manifest.csv", dtype=str, keep_default_na=False)
    frame = table.filter(["image", "label", "patient", "group", "split"]).assign(row=range(len(table)), bytes_sha=table["orig_sha1"])
    return Catalog(frame, {"label": Target.infer(frame["label"], name, kind=kind)}, [], name)


def test_the_fracture_sets_published_test_is_nearly_all_in_its_train():
    parted, findings = partition(published("fracture_multiregion"), Split(published=True), 0)
    leak = next(finding for finding in findings if finding.check == "published-split")

    assert leak.severity == "leak" and leak.effect.value > 0.98
    assert grade(parted) == "image-only"


@pytest.mark.parametrize("seed", range(5))
def test_a_fresh_split_of_the_fracture_set_is_copy_safe_and_near_the_wished_shares(seed):
    parted, _ = partition(published("fracture_multiregion"), Split(), seed)
    counted = parted.part("train", "val", "test").frame
    broken = counted["label"].eq("fractured").groupby(counted["split"]).mean()

    assert grade(parted) == "copy-safe (patients unknown)"
    assert len(parted.part("test")) / len(counted) == pytest.approx(0.15, abs=0.01)
    assert parted.part("test").frame["component"].nunique() / counted["component"].nunique() == pytest.approx(0.15, abs=0.01)
    assert (broken - counted["label"].eq("fractured").mean()).abs().max() < 0.05


def test_the_knee_sets_published_split_is_clean_and_patient_safe():
    parted, findings = partition(published("knee_kl", kind="ordinal"), Split(published=True), 0)

    assert all(finding.passed for finding in findings)
    assert grade(parted) == "patient-safe"
