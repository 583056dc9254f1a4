from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from overread.evaluation.comparison.compare import compare
from overread.evaluation.comparison.curves import rocs


@pytest.fixture
def compared(scored):
    """Compare three models, the last one better, on so many patients of so many images."""

    def make(kind="binary", **shape):
        classes = 2 if kind == "binary" else 3
        return compare(dict(zip("abc", scored((1.0, 1.0, 2.5), classes=classes, **shape), strict=True)), kind, draws=300, seed=0)

    return make


def test_the_classic_tests_are_made_where_each_component_has_one_row(compared):
    told = compared(patients=90, rows=1)
    first, _, last = told["pairs"]

    assert told["classic"] == ""
    assert (first["one"], first["other"], last["one"], last["other"]) == ("a", "b", "b", "c")
    assert first["delong"]["p"] > 0.05 > last["delong"]["p"]
    assert first["mcnemar"]["p"] > 0.05 > last["mcnemar"]["p"]


def test_clusters_of_several_rows_drop_them_with_a_reason(compared):
    told = compared(patients=60, rows=3)

    assert told["classic"] == "180 rows are in 60 components, and the tests take every row for independent"
    assert {(pair["delong"], pair["mcnemar"]) for pair in told["pairs"]} == {(None, None)}
    assert told["pairs"][2]["metrics"]["auroc"]["p"] < 0.05


def test_repeated_scores_drop_them_too_and_do_not_narrow_the_interval(scored):
    once = scored((1.0, 1.6), patients=60, rows=1)
    thrice = [
        replace(model, cases=model.cases.only(np.repeat(np.arange(60), 3)), row=np.repeat(model.row, 3), component=np.repeat(model.component, 3))
        for model in once
    ]
    few, many = (compare(dict(zip("ab", models, strict=True)), "binary", draws=300, seed=0) for models in (once, thrice))

    assert "several repeats" in many["classic"]
    assert (many["n"], many["clusters"]) == (60, 60)
    assert many["pairs"][0]["metrics"]["auroc"] == pytest.approx(few["pairs"][0]["metrics"]["auroc"])


def test_a_model_scored_once_is_compared_with_one_scored_in_repeats(scored):
    one, other = scored((1.0, 2.5), patients=60, rows=2)
    twice = np.repeat(np.arange(120), 2)
    repeated = replace(other, cases=other.cases.only(twice), row=other.row[twice], component=other.component[twice])
    told = compare({"a": one, "b": repeated}, "binary", draws=300, seed=0)

    assert told["pairs"][0]["metrics"]["auroc"]["high"] < 0
    assert told["pairs"][0]["metrics"]["accuracy"]["high"] < 0


def test_several_classes_have_no_delong(compared):
    told = compared("multiclass", patients=90, rows=1)
    assert told["pairs"][2]["delong"] is None
    assert told["pairs"][2]["mcnemar"]["p"] < 0.05


def test_p_is_adjusted_over_the_pairs_of_each_figure(compared):
    pairs = compared()["pairs"]
    for name in ("auroc", "accuracy"):
        p, adjusted = ([pair["metrics"][name][key] for pair in pairs] for key in ("p", "p_holm"))
        assert adjusted == pytest.approx(multipletests(p, method="holm")[1].tolist())


@pytest.mark.parametrize("classes", [2, 3])
def test_all_roc_curves_are_in_one_picture_and_named_with_their_area(scored, classes, tmp_path):
    models = scored((1.0, 3.0), classes=classes)
    rocs({"weak": models[0].cases, "strong": models[1].cases}, tmp_path / "roc.svg")
    text = (tmp_path / "roc.svg").read_text()

    assert text.index("strong") < text.index("weak")
    rocs({"weak": models[0].cases, "strong": models[1].cases}, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == text
