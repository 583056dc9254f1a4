"""For any catalog: no component is split, every row is placed or says why not, the same seed gives the same split, and adding rows moves nobody."""

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.partition import folds, partition
from overread.partition.components import JOINS, components
from overread.recipe import Split

FEW = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

TARGETS = {"sick": Target("binary", ("no", "yes"), "yes"), "grade": Target("multiclass", ("a", "b", "c"))}

WAYS = [Split(), Split(hold_out=("site=a",)), Split(published=True, repair="move"), Split(published=True, repair="drop-from-train")]


def key(letter, most):
    """Blank in half of the rows."""
    return st.one_of(st.just(""), st.integers(0, most).map(lambda i: f"{letter}{i}"))


ROW = st.fixed_dictionaries(
    {
        "sick": st.sampled_from(["no", "yes", None]),
        "grade": st.sampled_from(["a", "b", "c", None]),
        "patient": key("p", 12),
        "study": key("s", 20),
        "group": st.one_of(st.just(""), key("g", 8)),
        "site": st.sampled_from(["a", "b", "c", ""]),
        "split": st.sampled_from(["train", "val", "test", ""]),
        "pixel_sha": st.integers(0, 60).map(lambda i: f"x{i}"),
    }
)


@st.composite
def catalogs(draw, least=0, most=30):
    """Rows of any keys and labels, among 36 that belong to nobody, so that most can be split; and links between any of them."""
    drawn = draw(st.lists(ROW, min_size=least, max_size=most))
    alone = [
        {
            "sick": ["no", "yes"][i % 2],
            "grade": "abc"[i % 3],
            "site": "abc"[i // 12],
            "split": ["train", "val", "test"][i // 6 % 3],
            "pixel_sha": f"a{i}",
        }
        for i in range(36)
    ]
    table = pd.DataFrame([*alone, *drawn]).fillna(dict.fromkeys(("patient", "study", "group"), ""))
    names = [f"r{i}" for i in range(len(table))]
    frame = table.assign(row=names, image=names, bytes_sha=[f"b{name}" for name in names], **{name: table[name].astype("str") for name in TARGETS})
    links = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=8))
    return Catalog(frame, TARGETS, source="table:any.csv"), links


def split(catalog, plan, seed, links):
    """The split, or None where it was refused with a reason."""
    try:
        return partition(catalog, plan, seed, links)[0]
    except UserError as refused:
        event(f"refused: {refused.what.split()[0]}")
        assert refused.what and refused.where and refused.mend
        return None


def whole(frame, links):
    """Whether all that is joined, placed and not bridged lies in one part, told from keys and links alone."""
    placed = frame[frame["split"] != ""]
    names = set(placed["row"])
    joined = components(placed, [link for link in links if names.issuperset(link)])
    return placed.groupby(joined)["split"].nunique().le(1).all() and all(
        placed[placed[key] != ""].groupby(key)["split"].nunique().le(1).all() for key in JOINS
    )


@pytest.mark.parametrize("plan", WAYS, ids=lambda plan: plan.repair or (plan.hold_out and "hold-out") or "fresh")
@FEW
@given(catalogs(), st.integers(0, 9))
def test_no_component_is_split_and_every_row_is_placed_or_says_why_not(plan, made, seed):
    catalog, links = made
    parted = split(catalog, plan, seed, links)
    if parted is None:
        return
    frame = parted.frame
    assert frame["row"].tolist() == catalog.frame["row"].tolist()
    assert whole(frame, links)
    assert (frame["why"] != "").all()
    out = frame.loc[frame["split"] == "", "why"]
    assert out.str.match(r"no label|conflicting labels|copy of row|excluded: |not in the published split").all()
    assert frame.loc[frame["split"] != "", "split"].isin(["train", "val", "test"]).all()


@FEW
@given(catalogs(), st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_split_whatever_the_order_of_rows_and_links(made, seed, random):
    catalog, links = made
    order = list(range(len(catalog)))
    random.shuffle(order)
    once, again = split(catalog, Split(), seed, links), split(catalog.replace(catalog.frame.iloc[order]), Split(), seed, links[::-1])

    assert (once is None) == (again is None)
    if once is not None:
        columns = ["split", "component"]
        pd.testing.assert_frame_equal(once.frame.set_index("row")[columns].sort_index(), again.frame.set_index("row")[columns].sort_index())


@settings(FEW, max_examples=6)
@given(catalogs(), st.integers(0, 9))
def test_no_component_is_split_by_a_fold_and_every_placed_row_is_tested_once(made, seed):
    catalog, links = made
    try:
        every = list(folds(catalog, Split(folds=3), seed, links))
    except UserError:
        return
    assert all(whole(fold.catalog.frame, links) for fold in every)
    tested = pd.concat([fold.catalog.part("test").frame["row"] for fold in every])
    assert sorted(tested) == sorted(every[0].catalog.part("train", "val", "test").frame["row"])


@settings(FEW, max_examples=20)
@given(catalogs(), catalogs(least=1, most=15), st.integers(0, 9), st.integers(0, 9), st.data())
def test_adding_rows_moves_nobody_and_bridges_are_excluded_and_said(made, more, seed, other, data):
    catalog, links = made
    old = split(catalog, Split(), seed, links)
    if old is None:
        return
    new = more[0].frame.iloc[36:]
    new = new.assign(row="new " + new["row"], image="new " + new["image"], bytes_sha="new " + new["bytes_sha"])
    grown = catalog.replace(pd.concat([catalog.frame, new], ignore_index=True).sample(frac=1, random_state=seed))
    names = sorted(grown.frame["row"])
    ends = st.sampled_from(sorted(new["row"]))
    added = data.draw(st.lists(st.tuples(ends, st.one_of(ends, st.sampled_from(names))), max_size=15))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.csv"
        old.frame.drop(columns="row").to_csv(path, index=False)
        parted, findings = partition(grown, Split(extend=str(path)), other, [*links, *added])

    frame = parted.frame.set_index("row")
    was = old.frame.set_index("row")["split"]
    placed = was[was != ""]
    assert (frame.loc[placed.index, "split"] == placed).all()
    assert whole(parted.frame, [*links, *added])
    assert (frame["why"] != "").all()
    bridges = int(frame["why"].str.startswith("excluded: bridge").sum())
    event(f"bridges: {min(bridges, 3)}")
    told = next(finding for finding in findings if finding.check == "frozen-bridges")
    assert told.passed is (bridges == 0) and round(told.effect.value * told.effect.n) == bridges
