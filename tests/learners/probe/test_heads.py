"""Every head against scikit-learn's own pipeline on the same folds."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from overread.learners.probe.choose import choose, divide, solve
from overread.learners.probe.knn import Knn
from overread.learners.probe.logreg import LogReg
from overread.learners.probe.mlp import Mlp
from overread.learners.probe.svm import Svm
from overread.learners.probe.trees import Trees

CLASSES = pytest.mark.parametrize("classes", [2, 4])


def probability(logits):
    if logits.shape[1] == 1:
        return np.hstack([1 - expit(logits), expit(logits)])
    return softmax(logits, axis=1)


def solved(rows, solver, scale="standardise"):
    choice = choose(rows, solver, divide(rows, 5, 0), scale)
    return choice, solve(rows, solver, choice, scale)


@CLASSES
@pytest.mark.parametrize("d", [12, 1200])
def test_logistic_regression_is_scikit_learns(rows, classes, d):
    seen, asked = rows(d=d, classes=classes).balanced(), rows(n=60, d=d, classes=classes, seed=1)

    choice, mine = solved(seen, LogReg([1e-3, 1e-2, 1e-1]))

    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=choice.strength, class_weight="balanced", tol=1e-10, max_iter=10_000))
    theirs.fit(seen.features.astype(float), seen.codes)
    np.testing.assert_allclose(probability(mine.logits(asked.features)), theirs.predict_proba(asked.features.astype(float)), atol=1e-5)
    folded = mine.head.folded(mine.scaling).logits(asked.features.astype(float))
    np.testing.assert_allclose(probability(folded), theirs.predict_proba(asked.features.astype(float)), atol=1e-5)


@CLASSES
def test_the_strength_is_the_one_that_scikit_learns_cross_validation_takes(rows, classes):
    seen = rows(n=400, classes=classes)
    strengths, folds = [1e-4, 1e-2, 1.0, 100.0], divide(seen, 5, 0)

    choice = choose(seen, LogReg(strengths), folds, "none")

    centred = seen.features - seen.features.mean(0)
    theirs = LogisticRegressionCV(Cs=strengths, cv=folds, scoring="neg_log_loss").fit(centred, seen.codes)
    assert choice.strength == np.ravel(theirs.C_)[0]
    np.testing.assert_allclose(list(choice.losses.values()), -np.mean([*theirs.scores_.values()], axis=(0, 1)), rtol=0.02)


@CLASSES
def test_a_calibrated_svm_is_scikit_learns_with_one_model_and_the_same_folds(rows, classes):
    seen, asked = rows(classes=classes).balanced(), rows(n=60, classes=classes, seed=1)
    scaler = StandardScaler().fit(seen.features.astype(float))
    folds = divide(seen, 5, 0)
    solver = Svm([0.03])

    scaled = seen.seen_as(scaler.transform(seen.features.astype(float)))
    choice = choose(scaled, solver, folds, "none")
    mine = solve(scaled, solver, choice, "none")

    svm = LinearSVC(C=0.03, dual=False)
    theirs = CalibratedClassifierCV(svm, method="sigmoid", cv=folds, ensemble=False).fit(scaled.features, seen.codes, sample_weight=seen.weights)
    where = scaler.transform(asked.features.astype(float))
    np.testing.assert_allclose(probability(mine.logits(where)), theirs.predict_proba(where), atol=1e-5)


@CLASSES
def test_an_mlp_is_scikit_learns(rows, classes):
    seen, asked = rows(classes=classes).balanced(), rows(n=60, classes=classes, seed=1)

    _, mine = solved(seen, Mlp([1.0], hidden=8, seed=3))

    theirs = MLPClassifier((8,), alpha=1.0, batch_size=128, max_iter=60, random_state=3)
    scaled = mine.scaling.apply(seen.features)
    theirs.fit(scaled, seen.codes, sample_weight=seen.weights)
    np.testing.assert_allclose(probability(mine.logits(asked.features)), theirs.predict_proba(mine.scaling.apply(asked.features)), atol=1e-5)


@CLASSES
def test_neighbours_are_scikit_learns_and_no_share_is_quite_nothing(rows, classes):
    seen, asked = rows(classes=classes), rows(n=60, classes=classes, seed=1)

    _, mine = solved(seen, Knn([7]), "whiten")

    theirs = KNeighborsClassifier(7, metric="cosine").fit(mine.scaling.apply(seen.features), seen.codes)
    shares = np.bincount(seen.codes, minlength=classes) / len(seen)
    expected = (7 * theirs.predict_proba(mine.scaling.apply(asked.features)) + shares) / 8
    np.testing.assert_allclose(probability(mine.logits(asked.features)), expected, atol=1e-5)
    assert np.isfinite(mine.logits(asked.features)).all()


@CLASSES
def test_trees_are_xgboosts_and_the_same_twice(rows, classes):
    xgboost = pytest.importorskip("xgboost")
    seen, asked = rows(classes=classes).balanced(), rows(n=60, classes=classes, seed=1)

    choice, mine = solved(seen, Trees([5, 20], threads=1, seed=0))

    settings = {"max_depth": 4, "learning_rate": 0.05, "subsample": 0.8, "colsample_bytree": 0.2, "tree_method": "hist", "random_state": 0}
    theirs = xgboost.XGBClassifier(n_estimators=int(choice.strength), n_jobs=1, **settings)
    theirs.fit(mine.scaling.apply(seen.features), seen.codes, sample_weight=seen.weights)
    np.testing.assert_allclose(probability(mine.logits(asked.features)), theirs.predict_proba(mine.scaling.apply(asked.features)), atol=1e-5)
    again = solved(seen, Trees([5, 20], threads=1, seed=0))[1]
    np.testing.assert_array_equal(mine.logits(asked.features), again.logits(asked.features))


@pytest.mark.parametrize("solver", [LogReg([0.1]), Svm([0.01]), Mlp([1.0], 8, 0), Knn([10]), Trees([30], 1, 0)], ids=lambda s: type(s).__name__)
def test_balanced_rows_move_the_answer_towards_the_rare_class(rows, solver):
    seen = rows(n=400)
    rare = np.flatnonzero(seen.codes == 1)[:20]
    few = seen.take(np.concatenate([np.flatnonzero(seen.codes == 0), rare]))

    plain, balanced = (solved(part, solver)[1].logits(seen.features).mean() for part in (few, few.balanced()))

    assert balanced > plain + 0.2
