import numpy as np
import pandas as pd
import pytest

from overread.catalog import Catalog, Target
from overread.recipe import load
from overread.run.differences import in_catalog, in_environment, in_recipe

DX = Target("binary", ("normal", "torn"), "torn")


def catalog(**columns) -> Catalog:
    """Six rows; 2 and 3 are of one content."""
    plain = {
        "row": list("012345"),
        "image": [f"{i}.png" for i in range(6)],
        "bytes_sha": ["a", "b", "c", "c", "d", "e"],
        "dx": ["normal", "torn", "normal", None, "torn", "torn"],
        "age": [40.0, 51.0, np.nan, 33.5, 70.0, 21.0],
        "patient": list("ppqrst"),
    }
    return Catalog(pd.DataFrame({**plain, **columns}), {"dx": DX}, ["age"])


def test_a_recipe_differs_by_its_dotted_keys_old_and_new():
    one = load("default", ["learner.phases=[{trains: head, epochs: 2, rate: 1e-3}]"])
    other = load("default", ["learner.phases=[{trains: head, epochs: 3, rate: 1e-3}, {trains: all, epochs: 1, rate: 1e-3}]", "image.size=64"])

    assert in_recipe(one, one) == []
    assert in_recipe(one, other)[:2] == ["image.size: 64 was 224", "learner.phases[0].epochs: 3 was 2"]
    assert "learner.phases[1].trains: all was not given" in in_recipe(one, other)
    assert "learner.phases[1].trains: not given was all" in in_recipe(other, one)


def test_where_the_data_lie_and_how_many_threads_compute_is_no_other_recipe():
    assert in_recipe(load("default"), load("default", ["runtime.threads=3"], ["folder:moved"])) == []
    assert in_recipe(load("default"), load("default", ["runtime.precision=fp32"])) == ["runtime.precision: fp32 was auto"]


def test_the_same_rows_are_the_same_wherever_they_lie_and_once_they_were_on_disk(tmp_path):
    catalog().save(tmp_path / "c.parquet")
    moved = catalog(image=[f"elsewhere/{i}.png" for i in range(6)], file=[f"/x/{i}.png" for i in range(6)])

    assert in_catalog(Catalog.load(tmp_path / "c.parquet"), moved) == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (catalog(bytes_sha=list("abccdz")), ["1 row has another image (row 5)"]),
        (catalog(bytes_sha=list("yxccde")), ["2 rows have other images (e.g. row 0)"]),
        (catalog(dx=["torn", "torn", "normal", "torn", "torn", "torn"]), ["2 rows have another dx (e.g. row 0)"]),
        (catalog(age=[40.0, 51.0, np.nan, 33.5, 71.0, 21.0]), ["1 row has another age (row 4)"]),
        (catalog(patient=list("pxqrst")), ["1 row has another patient (row 1)"]),
        (catalog(split=["train"] * 6), ["6 rows have another split (e.g. row 0)"]),
        (catalog().only(np.arange(6) != 1), ["1 row is gone (row 1)"]),
        (catalog().replace(catalog().frame.iloc[::-1]), ["the rows stand in another order"]),
        (Catalog(catalog().frame, {"dx": Target("binary", ("torn", "normal"), "normal")}, ["age"]), ["the target dx is another"]),
        (Catalog(catalog().frame.assign(state=catalog().frame["dx"]), {"state": DX}, ["age"]), ["the target state is new", "the target dx is gone"]),
        (Catalog(catalog().frame, {"dx": DX}), ["covariates: [] was ['age']"]),
    ],
)
def test_what_a_training_would_notice_is_counted_and_rows_are_named(now, said):
    assert in_catalog(catalog(), now) == said


def test_a_row_that_is_new_is_told_from_one_that_changed():
    more = catalog().frame
    more = pd.concat([more, more.iloc[[5]].assign(row="6", bytes_sha="f"), more.iloc[[5]].assign(row="7", bytes_sha="c")])

    assert in_catalog(catalog(), catalog().replace(more)) == ["2 rows are new (e.g. row 6)"]


def test_versions_and_hardware_that_changed_are_told():
    before = {"versions": {"torch": "2.12", "numpy": "2"}, "hardware": {"threads": 2}, "seed": 0}
    now = {"versions": {"torch": "2.13", "numpy": "2"}, "hardware": {"threads": 1}, "seed": 0}

    assert in_environment(before, now) == {"torch": ["2.12", "2.13"], "threads": [2, 1]}
    assert in_environment(now, now) == {}
