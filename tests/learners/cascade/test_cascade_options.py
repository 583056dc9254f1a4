import pytest

from overread import recipe
from overread.errors import UserError


def test_members_are_fine_tuned_if_nothing_is_said_and_their_defaults_are_filled_in():
    told = recipe.check({"learner": {"kind": "cascade", "expert": {"batch": 8}}}, "test").learner

    assert told["part"] == "body_part" and told["routing"] == "soft" and "abstain" not in told
    assert told["router"]["kind"] == told["expert"]["kind"] == "finetune"
    assert (told["router"]["batch"], told["expert"]["batch"]) == (32, 8)
    assert recipe.check({"learner": told}, "again").learner == told


def test_the_recipe_of_mura_is_a_router_and_experts_scored_by_study():
    told = recipe.load("mura-cascade-resnet18")

    assert (told.learner["kind"], told.backbone.name, told.image.size, told.evaluation.unit) == ("cascade", "resnet18", 224, "study")
    assert told.learner["router"]["kind"] == told.learner["expert"]["kind"] == "finetune"


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        ({"expert": {"kind": "cascade"}}, "made of finetune or probe, not of cascade"),
        ({"router": {"kind": "late-fusion"}}, "made of finetune or probe, not of late-fusion"),
        ({"expert": {"kind": "finetune", "augmnt": "none"}}, "unknown key 'learner.augmnt'"),
        ({"expert": {"kind": "probe", "target": "abnormal"}}, "the cascade's to say"),
        ({"target": "body_part"}, "the experts need another target"),
        ({"expert": {"kind": "probe"}, "small": 500}, "an expert that is solved goes on from no other network"),
        ({"own": 500, "small": 400}, "must be above own"),
        ({"abstain": 1.5}, "less than 1"),
        ({"routing": "firm"}, "'soft' or 'hard'"),
    ],
)
def test_options_that_make_no_sense_are_refused(learner, said):
    with pytest.raises(UserError, match=said):
        recipe.check({"learner": {"kind": "cascade", **learner}}, "test")
