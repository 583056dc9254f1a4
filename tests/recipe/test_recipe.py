from itertools import combinations

import pytest
import yaml

from overread.errors import UserError
from overread.recipe import Recipe, check, load, names


@pytest.mark.parametrize("name", names())
def test_every_recipe_of_the_house_is_valid_and_reads_back_equal(name):
    recipe = load(name)
    assert check(yaml.safe_load(recipe.dump()), name) == recipe


def test_every_recipe_opens_with_what_it_is():
    assert all(len(line) > 20 for line in names().values())


def test_settings_reach_every_depth_and_data_replaces_the_recipes():
    recipe = load("default", ["image.size=320", "split.folds=5", "learner.augment=none"], ["folder:x"])
    assert (recipe.image.size, recipe.split.folds, recipe.learner["augment"], recipe.data) == (320, 5, "none", ["folder:x"])


@pytest.mark.parametrize(
    ("setting", "near"),
    [
        ("image.sise=3", "size"),
        ("spilt.folds=2", "split"),
        ("learner.augmnt=none", "augment"),
        ("evaluation.threshold.sensitivty=0.9", "sensitivity"),
    ],
)
def test_an_unknown_key_is_refused_and_the_near_one_named(setting, near):
    with pytest.raises(UserError, match=rf"Did you mean '{near}'"):
        load("default", [setting])


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("image.size=abc", "image.size"),
        ("image.fit=stretch", "letterbox"),
        ("split.fractions=[0.5,0.4,0.3]", "sum to 1"),
        ("split.fractions=[.nan,0.5,0.5]", "three positive numbers"),
        ("split.repeats=3", "repeats needs folds"),
        ("split.repair=move", "ask for that too"),
        ("split.repair=delete", "drop-from-train"),
        ("split.hold_out=site", "column=value"),
        ("split.hold_out=[site=a, scanner=b]", "asks one thing"),
        ("split.hold_out=[date=2021, date>=2020]", "asks one thing"),
        ("seed", "not key=value"),
        ("learner.kind=magic", "unknown name 'magic'"),
        ("learner={kind: cascade, own: 9, small: 9}", r"^learner: small \(9\) must be above own \(9\)[^{]*$"),
    ],
)
def test_a_wrong_value_is_refused_in_words(setting, words):
    with pytest.raises(UserError, match=words):
        load("default", [setting])


@pytest.mark.parametrize(
    ("one", "other"), [*combinations(["folds=3", "leave_site_out=true", "hold_out=site=a", "published=true", "extend=old.csv"], 2)]
)
def test_two_ways_to_split_are_refused(one, other):
    with pytest.raises(UserError, match="different ways"):
        load("default", [f"split.{one}", f"split.{other}"])


def test_one_condition_to_hold_out_may_stand_without_a_list():
    assert load("default", ["split.hold_out=date>=2021-01-01"]).split.hold_out == ("date>=2021-01-01",)
    assert load("default", ["split.hold_out=[site=a, site=b]"]).split.hold_out == ("site=a", "site=b")


def test_a_recipe_of_ones_own_is_a_file(tmp_path):
    (tmp_path / "mine.yaml").write_text("seed: 7\n")
    assert load(str(tmp_path / "mine.yaml")).seed == 7


def test_an_unknown_recipe_names_the_near_one():
    with pytest.raises(UserError, match="Did you mean 'default'"):
        load("defualt")


def test_a_recipe_never_changes_after_it_was_checked():
    with pytest.raises(ValueError, match="frozen"):
        Recipe().seed = 3


@pytest.mark.parametrize("seed", ["-1", "2147483648", "1.5"])
def test_a_seed_that_a_generator_would_not_take_is_refused(seed):
    with pytest.raises(UserError, match="seed"):
        load("default", [f"seed={seed}"])
