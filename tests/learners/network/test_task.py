import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.learners.network.task import Task, class_weights

BINARY = Task("label", Target("binary", ("no", "yes"), "yes"))
THREE = Task("label", Target("multiclass", ("a", "b", "c")))


def softmax(raw: np.ndarray) -> np.ndarray:
    shares = np.exp(raw - raw.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


@pytest.fixture(params=[BINARY, THREE], ids=["binary", "three"])
def answers(request):
    torch.manual_seed(0)
    task = request.param
    return task, torch.randn(200, task.outputs) * 3, torch.randint(0, len(task.target.classes), (200,))


def test_the_softmax_of_raw_is_the_probability_that_the_loss_scores(answers):
    task, logits, codes = answers

    assert task.raw(logits).shape == (200, len(task.target.classes))
    p = softmax(task.raw(logits))
    weights = torch.ones(len(task.target.classes))
    assert float(task.loss(logits, codes, weights)) == pytest.approx(log_loss(codes.numpy(), p), abs=1e-5)


def test_a_binary_network_has_one_output_and_its_negative_class_stands_at_zero():
    raw = BINARY.raw(torch.tensor([[2.0], [-1.0]]))

    assert BINARY.outputs == 1
    assert raw.tolist() == [[0, 2], [0, -1]]


def test_the_validation_auroc_is_scikit_learns(answers):
    task, logits, codes = answers
    p = softmax(task.raw(logits))
    known = roc_auc_score(codes, p[:, 1]) if task.outputs == 1 else roc_auc_score(codes, p, multi_class="ovr")

    assert task.scores(logits, codes, torch.ones(3))["auroc"] == pytest.approx(known)


def test_scores_take_the_classes_that_are_there():
    logits, codes = torch.tensor([[5.0, 0, 0], [0, 5.0, 0], [0, 4.0, 0]]), torch.tensor([0, 1, 1])

    scores = THREE.scores(logits, codes, torch.ones(3))

    assert (scores["auroc"], scores["balanced_accuracy"]) == (1, 1)
    assert np.isnan(THREE.scores(logits[1:], codes[1:], torch.ones(3))["auroc"])


def test_huge_logits_do_not_overflow():
    assert THREE.scores(torch.tensor([[1e4, 0, 0], [0, 1e4, 0]]), torch.tensor([0, 1]), torch.ones(3))["auroc"] == 1


def test_balanced_weights_make_classes_count_alike_and_rows_one_on_average():
    codes = np.array([0] * 90 + [2] * 10)

    weights = class_weights(codes, 3).numpy()

    assert weights[0] * 90 == pytest.approx(weights[2] * 10)
    assert weights[codes].mean() == pytest.approx(1)
    assert np.isfinite(weights).all()


def test_of_several_questions_the_first_is_answered_or_the_one_that_is_named():
    frame = pd.DataFrame({"row": ["0"], "image": ["a"], "x": ["no"], "y": ["no"]})
    both = Catalog(frame, {"x": BINARY.target, "y": BINARY.target})

    assert Task.of(both).name == "x"
    assert Task.of(both, "y").name == "y"
    with pytest.raises(UserError, match="do not ask 'z'"):
        Task.of(both, "z")
