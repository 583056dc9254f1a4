"""Class shares that depend on the place are found, those that differ by chance are not."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from overread.audit.base import Context
from overread.audit.data.class_shares import class_shares
from overread.findings import Severity

Make = Callable[..., Context]


def small(n: int) -> list[np.ndarray]:
    """n pictures of 8 px, all unlike."""
    return list(np.random.default_rng(0).integers(0, 255, (n, 8, 8), dtype=np.uint8))


def test_a_site_that_tells_the_class_is_found_with_its_shares(context: Make) -> None:
    label, site = ["sick"] * 27 + ["well"] * 3 + ["sick"] * 6 + ["well"] * 24, ["north"] * 30 + ["south"] * 30
    (finding,) = class_shares(context(small(60), label, site=site, size=16))

    assert (finding.severity, finding.passed) == (Severity.HIGH, False)
    assert "The class depends on the site: sick is 90% of north and 20% of south" in finding.sentence
    assert finding.p == pytest.approx(chi2_contingency(pd.crosstab(site, label), correction=False).pvalue)


def test_a_hundred_images_of_one_patient_are_one_case(context: Make) -> None:
    label, site = ["sick"] * 30 + ["well"] * 30, ["north"] * 30 + ["south"] * 30
    patient = ["a"] * 29 + ["b"] + ["c"] * 29 + ["d"]
    (finding,) = class_shares(context(small(60), label, site=site, patient=patient, size=16))

    assert finding.passed is not False and "each of 4 components counted once" in finding.sentence


def test_an_uneven_split_is_worth_knowing(context: Make) -> None:
    label, split = ["sick"] * 30 + ["well"] * 10 + ["sick"] * 5 + ["well"] * 35, ["train"] * 40 + ["test"] * 40
    (finding,) = class_shares(context(small(80), label, split=split, size=16))

    assert (finding.severity, finding.passed) == (Severity.LOW, False)


def test_even_shares_pass_and_one_place_decides_nothing(context: Make) -> None:
    (even,) = class_shares(context(small(40), ["sick", "well"] * 20, site=["north"] * 20 + ["south"] * 20, size=16))

    assert even.passed


def test_one_source_without_sites_or_split_decides_nothing(context: Make) -> None:
    (finding,) = class_shares(context(small(4), ["sick", "well"] * 2, size=16))

    assert finding.passed is None
