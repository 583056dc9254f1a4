import subprocess
import sys

import pytest

from overread.errors import UserError
from overread.learners.probe.options import GRIDS, Options
from overread.recipe import load


@pytest.mark.parametrize("head", GRIDS)
def test_a_head_has_strengths_of_its_own(head):
    assert Options(head=head).grid == GRIDS[head]
    assert 0.003 in Options(head="logreg").grid


def test_strengths_are_tried_from_the_smallest_and_one_may_stand_alone():
    assert load("probe", ["learner.strengths=[1,0.1]"]).learner["strengths"] == [1, 0.1]
    assert Options(strengths=[1, 0.1]).grid == (0.1, 1)
    assert Options(strengths=0.003).grid == (0.003,)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("learner.head=linear", "logreg"),
        ("learner.strengths=[0.1,-1]", "greater than 0"),
        ("learner.strengths=[]", "at least 1"),
        ("learner.folds=1", "greater than or equal to 2"),
        ("learner.scales=none", "Did you mean 'scale'"),
        ("learner={kind: probe, head: knn, strengths: [2.5]}", "^learner.strengths: those of knn are whole numbers"),
    ],
)
def test_a_wrong_option_is_refused_in_words(setting, words):
    with pytest.raises(UserError, match=words):
        load("probe", [setting])


def test_options_load_neither_torch_nor_scikit_learn():
    code = "import sys; from overread.recipe import load; load('probe'); assert not {'torch', 'sklearn', 'xgboost'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
