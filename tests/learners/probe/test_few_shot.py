import numpy as np
import pandas as pd
import pytest

from overread.catalog import Target
from overread.learners.network.task import Task
from overread.learners.probe.choose import choose, divide
from overread.learners.probe.few_shot import DRAWS, SHARES, few_shot
from overread.learners.probe.knn import Knn
from overread.learners.probe.logreg import LogReg
from overread.learners.probe.options import Options
from overread.learners.probe.svm import Svm


def curve(seen, val, solver, seed=0, **options):
    classes = tuple(map(str, range(seen.classes)))
    task = Task("label", Target("binary", classes, "1") if seen.classes == 2 else Target("multiclass", classes))
    options = Options(**options)
    choice = choose(seen, solver, divide(seen, 5, 0), options.scale)
    return pd.DataFrame(few_shot(seen, val, solver, options, choice, task, seed))


@pytest.mark.parametrize("solver", [LogReg([1e-3, 1e-2]), Svm([1e-3]), Knn([3, 10])], ids=lambda s: type(s).__name__)
def test_more_components_teach_more(rows, solver):
    told = curve(rows(n=600), rows(n=400, seed=5), solver)
    means = told.groupby("share")["auroc"].mean()

    assert list(means.index) == list(SHARES)
    assert (told.groupby("share").size() == DRAWS).all()
    assert means[0.5] > means[0.05] + 0.02


def test_each_class_keeps_a_component_and_the_smaller_share_lies_within_the_larger(rows):
    seen = rows(n=240, classes=4)
    rare = seen.take(np.concatenate([np.flatnonzero(seen.codes != 3), np.flatnonzero(seen.codes == 3)[:4]]))

    told = curve(rare, rows(n=200, classes=4, seed=5), LogReg([1e-2]))

    assert len(told) == DRAWS * len(SHARES)
    assert told["components"].min() >= 4
    assert (told.groupby("draw")["components"].diff().dropna() > 0).all()


def test_the_draws_are_the_seeds(rows):
    one, again, other = (curve(rows(), rows(seed=5), LogReg([1e-2]), seed)["auroc"].tolist() for seed in (0, 0, 1))
    assert one == again != other


def test_balance_is_of_the_part_that_is_learnt_from(rows):
    plain, balanced = (curve(rows(), rows(seed=5), LogReg([1e-1]), balance=balance)["auroc"].tolist() for balance in ("none", "weights"))
    assert plain != balanced
