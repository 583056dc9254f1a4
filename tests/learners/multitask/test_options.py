import pytest

from overread.errors import UserError
from overread.recipe import check


def learner(**options):
    return check({"learner": {"kind": "multitask", **options}}, "test").learner


def test_what_was_resolved_is_read_back_equal():
    for weights in ({"abnormal": 1.0, "body_part": 0.5}, "learned"):
        once = learner(targets=["abnormal", "body_part"], weights=weights)

        assert learner(**once) == once
        assert once["weights"] == weights


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"targets": ["a"]}, "targets"),
        ({"targets": ["a", "a"]}, "a target is named twice"),
        ({"weights": {"a": 0}}, "weights"),
        ({"weights": "learnt"}, "weights"),
        ({"balance": "sampler"}, "balance"),
        ({"target": "a"}, "unknown key 'learner.target'.*'targets'"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_loaded(options, said):
    with pytest.raises(UserError, match=said):
        learner(**options)
