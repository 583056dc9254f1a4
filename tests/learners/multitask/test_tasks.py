import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import log_loss

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.learners.multitask.heads import Fixed, Learned
from overread.learners.multitask.options import Options
from overread.learners.multitask.tasks import Tasks, asked, encode
from overread.learners.network.task import Task

KINDS = (
    Task("broken", Target("binary", ("no", "yes"), "yes")),
    Task("region", Target("multiclass", ("a", "b", "c"))),
    Task("grade", Target("ordinal", ("0", "1", "2", "3"))),
)
SIZES = (2, 3, 4)


@pytest.fixture
def answers():
    """(120, 8) logits and (120, 3) codes, every label known."""
    torch.manual_seed(0)
    return torch.randn(120, 8), torch.stack([torch.randint(0, size, (120,)) for size in SIZES], 1)


def over(codes, weighing=None):
    return Tasks(KINDS, tuple((codes >= 0).double().mean(0).tolist()), weighing or Fixed([1.0, 1.0, 1.0]))


def hide(codes, seed=0):
    """Two labels in five unknown."""
    return torch.where(torch.rand(codes.shape, generator=torch.Generator().manual_seed(seed)) < 0.4, -1, codes)


def test_the_loss_is_the_weighted_sum_of_each_targets_own(answers):
    logits, codes = answers
    tasks = over(codes, Fixed([1.0, 0.5, 2.0]))
    told = tasks.by_target(logits, codes, torch.ones(9))

    binary, many = logits[:, 0].double(), logits[:, 1:4].double().softmax(1)
    assert told["broken"]["loss"] == pytest.approx(log_loss(codes[:, 0], torch.sigmoid(binary)), rel=1e-5)
    assert told["region"]["loss"] == pytest.approx(log_loss(codes[:, 1], many / many.sum(1, keepdim=True)), rel=1e-5)
    total = told["broken"]["loss"] + 0.5 * told["region"]["loss"] + 2 * told["grade"]["loss"]
    assert float(tasks.loss(logits, codes, torch.ones(9))) == pytest.approx(total, rel=1e-5)


def test_scores_are_the_means_over_the_targets(answers):
    logits, codes = answers
    tasks = over(codes, Fixed([1.0, 0.1, 9.0]))

    told, means = tasks.by_target(logits, codes, torch.ones(9)), tasks.scores(logits, codes, torch.ones(9))

    assert set(means) == {"loss", "auroc", "balanced_accuracy"}
    assert all(means[name] == pytest.approx(np.mean([scores[name] for scores in told.values()])) for name in means)


def test_a_row_counts_for_the_targets_it_has_a_label_of_and_for_no_other(answers):
    logits, codes = answers
    codes = hide(codes)
    logits = logits.requires_grad_()

    tasks = over(codes)
    tasks.loss(logits, codes, torch.ones(9)).backward()

    moved = torch.stack([part.abs().sum(1) > 0 for part in logits.grad.split([1, 3, 4], 1)], 1)
    assert torch.equal(moved, codes >= 0)
    known = codes[:, 0] >= 0
    alone = KINDS[0].loss(logits.detach()[known, :1], codes[known, 0], torch.ones(2))
    assert tasks.by_target(logits.detach(), codes, torch.ones(9))["broken"]["loss"] == pytest.approx(float(alone))


def test_every_labelled_row_counts_the_same_whatever_batch_it_falls_into(answers):
    logits, codes = answers
    codes = hide(codes)
    codes[:12, 2] = -1  # a whole batch without a label of one target
    tasks = over(codes)

    pieces = torch.arange(120).split(12)
    batches = sum(tasks.loss(logits[piece], codes[piece], torch.ones(9)) * len(piece) for piece in pieces) / 120

    assert float(batches) == pytest.approx(float(tasks.loss(logits, codes, torch.ones(9))), rel=1e-5)
    assert torch.isfinite(tasks.loss(logits[:12], codes[:12], torch.ones(9)))


def test_class_weights_are_of_each_targets_own_labelled_rows():
    codes = np.array([[0, -1, 0]] * 90 + [[1, 0, 1]] * 5 + [[1, 2, 3]] * 5)

    weights = over(torch.tensor(codes)).weigh(codes).split(SIZES)

    assert weights[0].tolist() == pytest.approx([100 / 180, 100 / 20])
    assert weights[1][[0, 2]].tolist() == [1, 1]
    assert float(weights[2][torch.tensor(codes[:, 2])].mean()) == pytest.approx(1)


def test_losses_count_less_the_more_uncertain_their_target_is_learnt_to_be():
    learned, losses = Learned(2), torch.tensor([0.2, 3.0])
    with torch.no_grad():
        learned.log_variances.copy_(torch.tensor([-1.0, 0.5]))
    expected = 0.2 * np.exp(1) - 0.5 + 3 * np.exp(-0.5) + 0.25
    assert learned(losses).item() == pytest.approx(expected)
    optimizer = torch.optim.Adam(learned.parameters(), 0.05)
    for _ in range(800):
        optimizer.zero_grad()
        learned(losses).backward()
        optimizer.step()

    assert learned.counts() == pytest.approx([1 / 0.4, 1 / 6], rel=1e-3)  # the smallest is where the variance is twice the loss


def test_all_questions_are_asked_or_those_that_are_named(answers):
    frame = pd.DataFrame({"row": ["0", "1"], "image": ["a", "b"], "broken": ["yes", None], "region": ["c", "a"], "grade": [None, "3"]})
    data = Catalog(frame, {task.name: task.target for task in KINDS})

    assert asked(data, Options()) == KINDS
    assert encode(data, KINDS).tolist() == [[1, 2, -1], [-1, 0, 3]]
    assert [task.name for task in asked(data, Options(targets=("grade", "broken")))] == ["grade", "broken"]
    for options, said in (
        ({"targets": ("grade", "braken")}, "do not ask 'braken'.*'broken'"),
        ({"targets": ("grade", "broken"), "weights": {"region": 2}}, "loss weight for 'region', which is not answered"),
    ):
        with pytest.raises(UserError, match=said):
            asked(data, Options(**options))
    with pytest.raises(UserError, match=r"the data ask region alone.*learner.kind=finetune"):
        asked(data.asking("region"), Options())
