import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from overread.errors import UserError
from overread.learners.probe.scaling import Scaling

KINDS = pytest.mark.parametrize("kind", ["standardise", "whiten", "none"])


def test_standardised_features_are_scikit_learns(rows):
    features = rows().features
    np.testing.assert_allclose(Scaling.fit(features, "standardise").apply(features), StandardScaler().fit_transform(features), atol=1e-5)


def test_whitened_features_are_uncorrelated_and_standardised_ones_are_not(rows):
    features = rows(n=4000).features

    white, standard = (np.cov(Scaling.fit(features, kind).apply(features).T) for kind in ("whiten", "standardise"))

    np.testing.assert_allclose(white, np.eye(12), atol=0.1)
    assert np.abs(standard - np.eye(12)).max() > 0.3


def test_few_rows_are_whitened_less_than_their_noise_asks_for(rows):
    few = rows(n=20, d=100).features

    spread = Scaling.fit(few, "whiten").apply(rows(n=400, d=100, seed=3).features).std(axis=0)

    assert spread.max() < 20


@KINDS
def test_a_scaling_folds_into_the_layer_above(rows, kind):
    features, draw = rows().features, np.random.default_rng(0)
    scaling, weight, bias = Scaling.fit(features, kind), draw.normal(size=(3, 12)), draw.normal(size=3)

    folded, shifted = scaling.fold(weight, bias)

    np.testing.assert_allclose(features @ folded.T + shifted, scaling.apply(features) @ weight.T + bias, atol=1e-4)


@KINDS
def test_constant_features_weigh_nothing_and_nothing_is_divided_by_zero(rows, kind):
    features = rows().features.copy()
    features[:, 3] = 5.0
    features[:, 7] = 1.0 + 1e-7 * (np.arange(len(features)) % 2)  # what rounding leaves
    scaling = Scaling.fit(features, kind)

    weight, _ = scaling.fold(np.ones((1, 12)), np.zeros(1))

    assert (weight[0, [3, 7]] == 0).all()
    assert np.isfinite(scaling.apply(features)).all()
    with pytest.raises(UserError, match="every feature is the same"):
        Scaling.fit(np.ones((20, 5), np.float32), kind)
