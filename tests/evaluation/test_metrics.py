import numpy as np
import pytest
import sklearn.metrics as sk
from sklearn.calibration import calibration_curve

from overread.evaluation import metrics as m
from overread.evaluation.counts import Cases, Counts

SEEDS = [0, 1, 2, 3]


def same(mine, theirs):
    assert mine[0] == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_binary_metrics_are_those_of_scikit_learn_with_ties_and_with_weights(cases, seed):
    some = cases(150, 2, seed)
    whole = np.random.default_rng(seed).integers(0, 4, (1, len(some)))
    for weight in (np.ones((1, len(some))), whole.astype(float)):
        counts = Counts(some, weight)
        truth, decision, score, w = some.truth, some.decision, some.score, weight[0]
        same(m.accuracy(counts), sk.accuracy_score(truth, decision, sample_weight=w))
        same(m.balanced_accuracy(counts), sk.balanced_accuracy_score(truth, decision, sample_weight=w))
        same(m.sensitivity(counts), sk.recall_score(truth, decision, sample_weight=w))
        same(m.specificity(counts), sk.recall_score(truth, decision, pos_label=0, sample_weight=w))
        same(m.ppv(counts), sk.precision_score(truth, decision, sample_weight=w))
        same(m.npv(counts), sk.precision_score(truth, decision, pos_label=0, sample_weight=w))
        same(m.f1(counts), sk.f1_score(truth, decision, sample_weight=w))
        same(m.auroc(counts), sk.roc_auc_score(truth, score, sample_weight=w))
        same(m.average_precision(counts), sk.average_precision_score(truth, score, sample_weight=w))
        same(m.kappa(counts), sk.cohen_kappa_score(truth, decision, sample_weight=w))
        same(m.mcc(counts), sk.matthews_corrcoef(truth, decision, sample_weight=w))
        same(m.brier(counts), sk.brier_score_loss(truth, score, sample_weight=w))
        same(m.log_loss(counts), sk.log_loss(truth, some.probability, sample_weight=w))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("classes", [3, 5])
def test_metrics_of_several_classes_are_those_of_scikit_learn(cases, seed, classes):
    some = cases(180, classes, seed, digits=3)
    counts, truth, decision = Counts.plain(some), some.truth, some.decision
    same(m.accuracy(counts), sk.accuracy_score(truth, decision))
    same(m.balanced_accuracy(counts), sk.balanced_accuracy_score(truth, decision))
    same(m.f1_macro(counts), sk.f1_score(truth, decision, average="macro"))
    same(m.f1_weighted(counts), sk.f1_score(truth, decision, average="weighted"))
    same(m.auroc(counts), sk.roc_auc_score(truth, some.probability, multi_class="ovr"))
    same(m.average_precision(counts), sk.average_precision_score(np.eye(classes)[truth], some.probability, average="macro"))
    same(m.kappa(counts), sk.cohen_kappa_score(truth, decision))
    same(m.kappa_quadratic(counts), sk.cohen_kappa_score(truth, decision, weights="quadratic"))
    same(m.mcc(counts), sk.matthews_corrcoef(truth, decision))
    same(m.brier(counts), ((some.probability - np.eye(classes)[truth]) ** 2).sum(1).mean())
    same(m.log_loss(counts), sk.log_loss(truth, some.probability))


def test_ece_is_the_weighted_distance_from_the_diagonal_of_scikit_learns_reliability_curve(cases):
    some = cases(400, digits=4)
    seen, said = calibration_curve(some.truth, some.score, n_bins=m.BINS)
    sizes = np.histogram(some.score, bins=m.BINS, range=(0, 1))[0]

    same(m.ece(Counts.plain(some)), (np.abs(seen - said) * sizes[sizes > 0]).sum() / len(some))


def test_a_weight_of_k_is_k_copies(cases):
    some, times = cases(60), np.random.default_rng(5).integers(0, 3, 60)
    copies = Cases(*(np.repeat(part, times, axis=0) for part in (some.truth, some.probability, some.decision)))

    weighted, copied = Counts(some, times[None].astype(float)), Counts.plain(copies)
    for name, metric in m.metrics("binary", prevalence=0.1).items():
        assert metric(weighted)[0] == pytest.approx(metric(copied)[0], abs=1e-8), name


def test_predictive_values_at_the_prevalence_of_the_sample_are_the_plain_ones_and_fall_with_prevalence(cases):
    counts = Counts.plain(cases())
    here = counts.cases.truth.mean()

    same(m.ppv_at(counts, here), m.ppv(counts)[0])
    same(m.npv_at(counts, here), m.npv(counts)[0])
    assert m.ppv_at(counts, 0.01)[0] < 0.1 < m.ppv(counts)[0]


def test_what_is_undefined_is_not_a_number_and_never_a_zero():
    p = np.array([[0.9, 0.1], [0.8, 0.2]])
    only_negatives = Counts.plain(Cases(np.array([0, 0]), p, np.array([0, 0])))

    for undefined in (m.sensitivity, m.ppv, m.auroc, m.average_precision, m.f1, m.mcc, m.kappa, m.calibration_slope, m.calibration_intercept):
        assert np.isnan(undefined(only_negatives)[0]), undefined.__name__
    assert m.specificity(only_negatives)[0] == 1


def test_a_class_that_is_absent_is_left_out_of_the_mean_over_classes(cases):
    some = cases(100, 3)
    part = some.only(some.truth != 2)
    areas = [sk.roc_auc_score(part.truth == one, part.probability[:, one]) for one in (0, 1)]

    same(m.auroc(Counts.plain(part)), np.mean(areas))
