import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch.nn import functional

from overread.catalog import Target
from overread.learners.network.ranked import ranked_ignorance
from overread.learners.network.task import Task

GRADE = Task("grade", Target("ordinal", ("0", "1", "2", "3")))


def direct(p, codes):
    """The score as it is written down: a sum over cuts of binary cross-entropies of cumulative probabilities."""
    above = p[:, ::-1].cumsum(1)[:, ::-1][:, 1:]
    happened = codes[:, None] >= np.arange(1, p.shape[1])
    return -np.where(happened, np.log(above), np.log(1 - above)).sum(1)


def test_it_is_the_formula_and_the_loss_of_an_ordinal_target():
    torch.manual_seed(0)
    logits, codes, weights = torch.randn(300, 4), torch.randint(0, 4, (300,)), torch.tensor([0.5, 1.0, 2.0, 1.5])

    expected = direct(logits.double().softmax(1).numpy(), codes.numpy())

    np.testing.assert_allclose(ranked_ignorance(logits, codes), expected, rtol=1e-4)
    assert float(GRADE.loss(logits, codes, weights)) == pytest.approx((expected * weights[codes].numpy()).mean(), rel=1e-5)
    assert GRADE.outputs == 4


def test_with_two_classes_it_is_the_cross_entropy():
    torch.manual_seed(0)
    logits, codes = torch.randn(50, 2), torch.randint(0, 2, (50,))

    binary = functional.binary_cross_entropy_with_logits(logits[:, 1] - logits[:, 0], codes.float(), reduction="none")
    torch.testing.assert_close(ranked_ignorance(logits, codes), binary)
    torch.testing.assert_close(binary, functional.cross_entropy(logits, codes, reduction="none"))


def test_an_answer_far_off_costs_more_than_one_beside_the_truth_and_cross_entropy_cannot_tell():
    near, far = torch.tensor([[0.0, 6, 0, 0]]), torch.tensor([[0.0, 0, 0, 6]])
    truth = torch.tensor([0])

    assert ranked_ignorance(far, truth) > 2 * ranked_ignorance(near, truth)
    assert functional.cross_entropy(far, truth) == functional.cross_entropy(near, truth)


def test_what_scores_best_on_average_is_the_truth():
    truth = np.array([0.5, 0.1, 0.15, 0.25])

    def expected(logits):
        each = ranked_ignorance(torch.tensor(np.tile(logits, (4, 1))), torch.arange(4)).numpy()
        return float(truth @ each)

    best = np.exp(minimize(expected, np.zeros(4), tol=1e-12).x)
    np.testing.assert_allclose(best / best.sum(), truth, atol=1e-3)


@pytest.mark.parametrize("size", [1e2, 1e4, 1e30])
def test_extreme_logits_have_a_finite_loss_and_gradient(size):
    logits = (torch.tensor([[1.0, -1, 0, 1], [-1, -1, 1, 1], [0, 0, 0, 0]]) * size).requires_grad_()

    ranked_ignorance(logits, torch.tensor([2, 0, 3])).mean().backward()

    assert torch.isfinite(logits.grad).all()
    assert logits.grad.abs().sum() > 0
