import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from overread.datasets.phantom.anatomy import REGIONS, VIEWS
from overread.datasets.phantom.cohort import SHARES, enrol, share_given
from overread.datasets.phantom.detector import SCANNERS, SITES

NONE = dict.fromkeys(SHARES, 1.0)

FEATURE = {
    "site": lambda films: films["site"] == SITES[0],
    "marker": lambda films: films["marked"] == "yes",
    "border": lambda films: films["border"] == "yes",
    "contrast": lambda films: films["contrast"] == "high",
}


def odds_ratio(films, feature):
    """Of the table of feature against label, and its standard error on the log scale (Woolf 1955)."""
    counts = pd.crosstab(FEATURE[feature](films), films["fracture"] == "fracture").to_numpy()
    return np.log(counts[0, 0] * counts[1, 1] / (counts[0, 1] * counts[1, 0])), np.sqrt((1 / counts).sum())


@pytest.mark.parametrize("feature", list(SHARES))
@pytest.mark.parametrize("odds", [1, 20, 0.2])
def test_a_feature_goes_with_the_label_as_strongly_as_asked_and_the_others_do_not(feature, odds):
    films = enrol(6000, 5, 0.4, {**NONE, feature: odds})
    if feature == "site":
        films = films.drop_duplicates("study")
    for other in SHARES:
        found, error = odds_ratio(films, other)
        assert abs(found - (np.log(odds) if other == feature else 0)) < 3.5 * error * (1.6 if other == "site" else 1)


def test_prevalence_and_the_features_shares_hold_whatever_the_odds():
    films = enrol(6000, 0, 0.3, dict.fromkeys(SHARES, 8.0))
    assert (films.drop_duplicates("study")["fracture"] == "fracture").mean() == pytest.approx(0.3, abs=0.03)
    for feature, share in SHARES.items():
        assert FEATURE[feature](films).mean() == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("odds", [0.05, 0.5, 1, 3, 40])
@pytest.mark.parametrize(("prevalence", "share"), [(0.5, 0.5), (0.1, 0.6), (0.8, 0.3)])
def test_shares_given_the_label_have_the_odds_ratio_and_average_to_the_share(odds, prevalence, share):
    with_label, without = (share_given(label, prevalence, share, odds) for label in (True, False))
    assert with_label / (1 - with_label) / (without / (1 - without)) == pytest.approx(odds)
    assert prevalence * with_label + (1 - prevalence) * without == pytest.approx(share)


def test_nothing_else_in_the_table_goes_with_the_label():
    films = enrol(6000, 1, 0.5, NONE)
    broken = films["fracture"] == "fracture"
    for column in ("body_part", "view", "laterality", "scanner"):
        rates = broken.groupby(films[column]).transform("mean")
        assert roc_auc_score(broken, rates) < 0.56
    assert set(films["body_part"]) == set(REGIONS) and set(films["view"]) == set(VIEWS) and set(films["scanner"]) == set(SCANNERS)
    assert (films["kind"].ne("") == broken).all()


def test_more_films_begin_with_the_same_films():
    few, many = enrol(50, 2, 0.5, NONE), enrol(80, 2, 0.5, NONE)
    pd.testing.assert_frame_equal(few, many.iloc[:50])
