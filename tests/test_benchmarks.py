"""What a benchmark's file says, and what is refused before anything is trained."""

import pytest

from overread import benchmarks, recipe
from overread.errors import UserError

TWO = """# Two rows.
set: [image.size=64]
rows:
  - {recipe: default}
  - {name: brief, recipe: default, set: ["learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]"]}
"""


@pytest.fixture
def two(tmp_path):
    """A benchmark of two rows, some text in it changed."""

    def write(old="", new=""):
        assert old in TWO
        (tmp_path / "two.yaml").write_text(TWO.replace(old, new))
        return str(tmp_path / "two.yaml")

    return write


@pytest.mark.parametrize("name", benchmarks.names())
def test_every_benchmark_of_the_house_names_recipes_of_the_house_and_opens_with_what_it_is(name):
    assert list(benchmarks.load(name, data=["folder:x"]))
    assert len(benchmarks.names()[name]) > 20


def test_the_bone_tumour_study_has_the_seeds_six_rows():
    rows = benchmarks.load("bone-tumor")
    assert list(rows) == [
        "bone-tumor-resnet50",
        *(f"bone-tumor-dinov2-{head}" for head in ("logreg", "svm", "xgboost")),
        *(f"bone-tumor-clip-{head}" for head in ("logreg", "svm")),
    ]


def test_settings_are_for_all_rows_or_for_one_and_the_last_word_has_a_row(two):
    rows = benchmarks.load(two(), ["image.size=96", "brief:image.size=128", "split.hold_out=date>=2021-01-01"], ["folder:x"])

    assert list(rows) == ["default", "brief"]
    assert [row.image.size for row in rows.values()] == [96, 128]
    assert [len(row.learner["phases"]) for row in rows.values()] == [2, 1]
    assert {row.split.hold_out for row in rows.values()} == {("date>=2021-01-01",)}
    assert rows["default"] == recipe.load("default", ["image.size=96", "split.hold_out=date>=2021-01-01"], ["folder:x"])


def test_a_colon_in_a_value_is_the_values(two):
    rows = benchmarks.load(two(), ["backbone.weights=C:own.pth"])
    assert rows["brief"].backbone.weights == "C:own.pth"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["breif:seed=3"], "Did you mean 'brief'"),
        (["image.sise=3"], r"unknown key 'image.sise' \(row default"),
        (["brief:seed=3"], "would be split differently .seed: by default and 3. .default and brief"),
        (["brief:evaluation.unit=study"], r"scored by different units .image and study. .default and brief"),
        (["brief:split.folds=3"], r"split: by default and \{'folds': 3\}"),
    ],
)
def test_settings_that_fit_no_row_or_split_the_rows_differently_are_refused(two, settings, words):
    with pytest.raises(UserError, match=words):
        benchmarks.load(two(), settings)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: brief", "name: default", "two rows are called 'default'"),
        ("name: brief", "name: comparison", "may not be called 'comparison'"),
        ("name: brief", "name: ../brief", "rows.1.name"),
        ("rows:", "lines:", "rows: Field required"),
        ("recipe: default}", "recipe: defualt}", "no recipe 'defualt'.*Did you mean 'default'"),
        ("rows:", "rows: [", "not YAML"),
    ],
)
def test_a_file_that_is_no_benchmark_is_refused_in_words(two, old, new, words):
    with pytest.raises(UserError, match=words):
        benchmarks.load(two(old, new))


def test_an_unknown_benchmark_names_the_near_one():
    with pytest.raises(UserError, match="Did you mean 'bone-tumor'"):
        benchmarks.load("bone-tumour")
