import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from overread.learners.late_fusion.logistic import STRENGTHS, solve

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(300, 4))
GROUP = np.arange(300) // 2


def test_the_logits_are_scikit_learns_for_two_classes_and_three():
    for classes in (2, 3):
        truth = (X[:, :classes] + DRAW.normal(size=(300, classes))).argmax(axis=1)

        model, strength = solve(csr_matrix(X), truth, classes, GROUP, 0)

        theirs = LogisticRegression(C=strength, max_iter=5000).fit(X, truth).predict_log_proba(X)
        np.testing.assert_allclose(model(csr_matrix(X)), theirs - theirs[:, :1], atol=1e-3)


def test_noise_is_held_down_and_a_clear_sign_is_not():
    sign = (X[:, 0] > 0).astype(int)

    assert solve(csr_matrix(X), DRAW.integers(0, 2, 300), 2, GROUP, 0)[1] <= STRENGTHS[1]
    assert solve(csr_matrix(X), sign, 2, GROUP, 0)[1] >= STRENGTHS[-2]


def test_one_patient_on_both_sides_of_a_fold_cannot_make_a_weak_penalty_look_good():
    patient = np.repeat(np.arange(60), 5)
    names = csr_matrix(np.eye(60)[patient])  # nothing but who it is
    truth = DRAW.integers(0, 2, 60)[patient]

    assert solve(names, truth, 2, patient, 0)[1] == STRENGTHS[0]


def test_a_class_that_train_lacks_is_called_rare_and_one_patient_of_a_class_is_enough():
    truth = np.where(X[:, 0] > 0, 2, 0)
    lone = np.where(GROUP == 7, 1, 0)

    model, _ = solve(csr_matrix(X), truth, 4, GROUP, 0)

    assert set(model(csr_matrix(X)).argmax(axis=1)) == {0, 2}
    assert np.isfinite(solve(csr_matrix(X), lone, 2, GROUP, 0)[0].weight).all()
