from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.catalog import Catalog, Target
from overread.datasets.base import read
from overread.duplicates.links import none
from overread.experiment.rows.divide import announce, divide
from overread.experiment.rows.gather import near_copies, scan_all
from overread.findings import Severity
from overread.imaging.fit import Fitting
from overread.recipe import Runtime, check
from overread.run import Run


@pytest.fixture
def divided(films, tmp_path):
    """The division of 40 films, of which one stands turned by a quarter under another patient, by the split keys that are given."""
    table = films(n=40)
    table["site"] = np.where(table.index // 4 % 2, "a", "b")
    place = tmp_path / "films"
    with Image.open(place / table["image"][0]) as film:
        film.rotate(90).save(place / "turned.png")
    other = table.iloc[[0]].assign(image="turned.png", patient="another", split="test")
    pd.concat([table.assign(split=np.where(table.index < 24, "train", "test")), other]).to_csv(place / "films.csv", index=False)

    def make(**split):
        recipe = check({"split": {"fractions": [0.5, 0.2, 0.3], **split}}, "test")
        found, rejected = scan_all(read([f"table:{place / 'films.csv'}"]), Fitting(64), Runtime(threads=1))
        links = near_copies(found, Runtime(threads=1)) if recipe.split.near_copies else none()
        return divide(found, links, rejected, recipe, Fitting(64))

    return make


def sides(made):
    """The components of the film and of its turned copy."""
    return made.catalog.frame.set_index("image").loc[["film 0.png", "turned.png"], "component"]


def test_a_turned_copy_stays_with_its_film_unless_near_copies_are_not_sought(divided):
    assert len(set(sides(divided()))) == 1
    assert len(set(sides(divided(near_copies=False)))) == 2


def test_a_turned_copy_stays_with_its_film_in_every_fold(divided):
    for fold in divided(folds=3).every:
        rows = fold.catalog.frame.set_index("image")
        assert rows.loc["film 0.png", "split"] == rows.loc["turned.png", "split"]


def test_the_audits_cheap_part_is_among_the_findings(divided):
    checks = {finding.check for finding in divided().findings}

    assert {"copies", "keys", "restates"} <= checks
    assert not {"guess", "noise", "memory"} & checks


def test_a_published_split_that_only_a_turned_copy_crosses_is_a_leak(divided):
    made = divided(published=True)

    assert "copies" in {finding.check for finding in made.findings if finding.severity is Severity.LEAK}
    assert made.leak > 0
    assert made.grade == "image-only"


@pytest.mark.parametrize(
    ("split", "way"),
    [
        ({}, "one fresh split by component"),
        ({"folds": 3, "repeats": 2}, "3-fold cross-validation by component, 2 times"),
        ({"leave_site_out": True}, "leave one site out"),
        ({"hold_out": ["site=a"]}, "held out for test: site=a"),
        ({"published": True}, "the published split"),
        ({"published": True, "repair": "move"}, "the published split, repaired: components that it cut were moved to one part"),
    ],
)
def test_the_way_is_told(divided, split, way):
    assert divided(near_copies=False, **split).way == way


def test_how_sure_the_figure_can_be_is_said_of_what_is_answered_alone(divided, tmp_path):
    made = divided()
    frame = made.catalog.frame.assign(side=np.where(made.catalog.frame.index % 2, "left", "right"))
    asks_both = replace(made, catalog=Catalog(frame, {**made.catalog.targets, "side": Target("multiclass", ("left", "right"))}))
    with Run.make(tmp_path / "run", check({}, "test")) as run:
        announce(run, asks_both, ["label"])

        assert list(run.json("sample_size.json", "expected")) == ["label"]
