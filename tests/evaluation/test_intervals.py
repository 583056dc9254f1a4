import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from overread.evaluation.counts import Counts
from overread.evaluation.intervals import CELLS, clustered_bootstrap, draw_weights, hanley_mcneil, wilson, wilson_bounds
from overread.evaluation.metrics import auroc


def mean_of(values):
    return lambda weight: {"mean": weight @ values / weight.sum(1)}


def test_rows_of_a_cluster_are_drawn_together_and_clusters_number_the_same_in_every_draw():
    cluster = np.array(["a", "b", "a", "c", "c", "c"])
    weight = np.concatenate(list(draw_weights(cluster, 50, seed=3)))

    assert weight.shape == (50, 6)
    assert (weight[:, 0] == weight[:, 2]).all() and (weight[:, 3] == weight[:, 5]).all()
    assert (weight[:, [0, 1, 3]].sum(1) == 3).all()
    assert not (weight[:, 0] == weight[:, 1]).all()


def test_draws_come_in_chunks_of_bounded_memory():
    sizes = [weight.size for weight in draw_weights(np.arange(CELLS // 10), 25, seed=0)]

    assert len(sizes) == 3 and max(sizes) <= CELLS


def test_for_independent_cases_the_interval_is_students():
    values = np.random.default_rng(0).normal(3, 2, 400)
    found = clustered_bootstrap(mean_of(values), np.arange(400), draws=4000)["mean"]
    half = 1.966 * values.std(ddof=1) / 20

    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)
    narrow = clustered_bootstrap(mean_of(values), np.arange(400), draws=4000, level=0.5)["mean"]
    assert found.low < narrow.low < narrow.high < found.high


def test_copies_of_cases_do_not_narrow_the_interval_but_do_the_naive_one():
    values = np.random.default_rng(0).normal(size=100)
    once = clustered_bootstrap(mean_of(values), np.arange(100), seed=1)["mean"]
    nine = clustered_bootstrap(mean_of(np.repeat(values, 9)), np.repeat(np.arange(100), 9), seed=1)["mean"]
    naive = clustered_bootstrap(mean_of(np.repeat(values, 9)), np.arange(900), seed=1)["mean"]

    assert nine.high - nine.low == pytest.approx(once.high - once.low, rel=1e-6)
    assert naive.high - naive.low < 0.4 * (once.high - once.low)


def test_the_same_seed_gives_the_same_interval_and_another_another(cases):
    some = cases(120)
    found = [
        clustered_bootstrap(lambda w: {"auroc": auroc(Counts(some, w))}, np.arange(120) // 3, draws=300, seed=seed)["auroc"] for seed in (1, 1, 2)
    ]

    assert found[0] == found[1] != found[2]


def test_fewer_components_behind_a_figure_widen_it(cases):
    some, cluster = cases(120), np.arange(120) // 3
    few, many = (clustered_bootstrap(lambda w: {"a": auroc(Counts(some, w))}, cluster, components={"a": k})["a"] for k in (10, 40))

    assert few.high - few.low > many.high - many.low


def test_a_figure_that_is_undefined_or_never_varies_has_no_interval():
    rare = np.zeros(30)
    rare[0] = 1

    def statistic(weight):
        defined = np.where(weight @ rare > 0, weight @ rare, np.nan)
        return {"undefined": np.full(len(weight), np.nan), "fixed": np.ones(len(weight)), "rare": defined}

    found = clustered_bootstrap(statistic, np.arange(30), draws=200)
    assert all(figure.low is None and figure.high is None for figure in found.values())
    assert found["undefined"].value is None and found["fixed"].value == 1
    assert "too many draws" in found["rare"].method


def test_wilson_of_independent_cases_is_wilsons():
    right = np.arange(50) < 47

    assert wilson_bounds(47 / 50, 50) == pytest.approx(proportion_confint(47, 50, method="wilson"), abs=1e-6)
    found = wilson(right, np.arange(50))
    assert found.low == pytest.approx(wilson_bounds(0.94, 50)[0], abs=0.01)


def test_wilson_widens_with_correlation_and_stays_inside_its_bounds():
    right = np.repeat(np.arange(30) < 24, 5)
    together, apart = wilson(right, np.repeat(np.arange(30), 5)), wilson(right, np.arange(150))
    shuffled = wilson(right, np.tile(np.arange(30), 5))

    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert shuffled.high - shuffled.low < 1.2 * (apart.high - apart.low)
    assert "design effect 5" in together.method


def test_all_right_is_as_sure_as_its_components_are_many_not_its_images():
    found = wilson(np.ones(100, dtype=bool), np.repeat(np.arange(20), 5))

    assert found.high == 1 and found.value == 1
    assert found.low == pytest.approx(wilson_bounds(1, 20, 2.093)[0], abs=1e-3)


def test_hanley_and_mcneils_standard_error_is_that_of_exponential_scores():
    draw = np.random.default_rng(0)
    ill, healthy = draw.exponential(4, (4000, 30, 1)), draw.exponential(1, (4000, 1, 60))
    areas = (ill > healthy).mean((1, 2))

    assert hanley_mcneil(0.8, 30, 60) == pytest.approx(areas.std(), rel=0.05)
