import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from overread.learners.cascade.mixing import LEAST, mix, probabilities, weigh

draw = np.random.default_rng(0)

OWN = np.arange(5)


def by_hand(router, member, said):
    """Every expert run, none left out."""
    shares = softmax(router, axis=1)
    return np.log(sum(shares[:, [part]] * np.exp(said[:, member[part]]) for part in range(len(member))))


def test_soft_routing_is_the_mixture_to_within_the_share_that_is_not_asked():
    router, said = draw.normal(0, 3, (500, 5)), log_softmax(draw.normal(0, 4, (500, 5, 3)), axis=2)

    weights = weigh(router, OWN, 5, "soft")
    apart = np.abs(np.exp(mix(weights, said)) - np.exp(by_hand(router, OWN, said)))

    assert 0 < apart.max() <= LEAST
    np.testing.assert_allclose(weights.sum(1), 1)
    np.testing.assert_allclose(np.exp(mix(weights, said)).sum(1), 1)


def test_what_is_left_unasked_is_together_no_more_than_the_least_share_and_as_much_as_may_be():
    router = draw.normal(0, 3, (500, 5))
    shares, asked = softmax(router, axis=1), weigh(router, OWN, 5, "soft") > 0

    left = np.where(asked, 0, shares).sum(1)
    assert (left <= LEAST).all()
    assert (left + np.where(asked, shares, 1).min(1) > LEAST).all()


def test_a_picture_of_which_the_router_is_sure_costs_one_expert_and_one_of_which_it_is_not_several():
    sure, unsure = np.log([0.992, 0.002, 0.002, 0.002, 0.002]), np.log([0.6, 0.37, 0.025, 0.004, 0.001])

    asked = weigh(np.stack([sure, unsure]), OWN, 5, "soft") > 0

    assert asked.tolist() == [[True, False, False, False, False], [True, True, True, False, False]]


def test_parts_that_share_an_expert_are_heard_together():
    member = np.array([0, 1, 0, 0])
    weights = weigh(np.log([[0.3, 0.4, 0.2, 0.1]]), member, 2, "soft")

    np.testing.assert_allclose(weights, [[0.6, 0.4]])


def test_hard_routing_hears_the_likeliest_parts_expert_alone():
    member = np.array([0, 1, 0, 0])
    said = log_softmax(draw.normal(size=(1, 2, 2)), axis=2)
    said[0, 0] = np.nan

    weights = weigh(np.log([[0.3, 0.4, 0.2, 0.1]]), member, 2, "hard")

    assert weights.tolist() == [[0, 1]]
    np.testing.assert_array_equal(mix(weights, said), said[:, 1])


def test_a_mixture_of_certainties_stays_finite():
    said = log_softmax(np.array([[[800.0, 0.0], [900.0, 0.0]]]), axis=2)

    assert np.isfinite(mix(np.array([[0.5, 0.5]]), said)).all()


@pytest.mark.parametrize("routing", ["soft", "hard"])
def test_no_picture_asks_no_expert(routing):
    assert weigh(np.empty((0, 5)), OWN, 5, routing).shape == (0, 5)


def test_a_shift_is_of_the_logits():
    np.testing.assert_allclose(probabilities(np.array([[1.0, 2.0]]), np.array([0.5, -0.5])), log_softmax([[1.5, 1.5]], axis=1))
