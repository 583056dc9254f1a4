"""What a question is asked of, and how its answer is scored."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from overread.audit.base import Context
from overread.audit.telling import ask_which, asked, by_column, drawn, listed, tell
from overread.evaluation.out_of_fold import Question

Make = Callable[..., Context]


@pytest.fixture
def rows() -> pd.DataFrame:
    """1,000 rows in components of four, the first of them of 500 rows."""
    component = np.where(np.arange(1000) < 500, 0, np.arange(1000) // 4)
    return pd.DataFrame({"row": np.arange(1000).astype(str), "component": [f"c{i}" for i in component]})


def test_a_sample_keeps_components_together_is_the_same_in_any_order_and_no_giant_fills_it(rows: pd.DataFrame) -> None:
    few = drawn(rows, 0, 200)
    turned = drawn(rows.iloc[::-1], 0, 200)
    cut = few["component"].value_counts().drop("c0", errors="ignore")

    assert len(few) == 200 and (few["component"] == "c0").sum() <= 10
    assert (cut < 4).sum() <= 1
    assert set(turned["component"]) == set(few["component"])
    assert set(drawn(rows, 1, 200)["component"]) != set(few["component"])
    assert drawn(rows, 0, 1000) is rows


def test_a_class_too_rare_for_an_interval_is_left_out_and_named(context: Make, film: Callable[[int], np.ndarray]) -> None:
    label = [*["well", "sick"] * 12, "odd", "odd"]
    made = context([film(i) for i in range(len(label))], label)
    question = asked(made, "label")

    assert question.classes == ["well", "sick"] or question.classes == ["sick", "well"]
    assert len(question.rows) == 24 and "too rare: odd" in question.words
    assert ask_which(made, made.distinct, made.distinct["label"], ["odd", "well"]).classes == ["odd", "well"]


def test_copies_and_unknown_labels_are_not_asked(context: Make, film: Callable[[int], np.ndarray]) -> None:
    made = context([film(0), film(0), film(1), film(2)], ["well", "well", None, "sick"])

    assert asked(made, "label").rows["row"].tolist() == ["0", "3"]


def test_accuracies_are_those_of_scikit_learn(rows: pd.DataFrame) -> None:
    draw = np.random.default_rng(0)
    truth = draw.choice(3, 300, p=[0.6, 0.3, 0.1])
    ask = Question(truth, 3, np.arange(300), 50, 0)
    score = np.log(draw.dirichlet(np.ones(3) + 0.0, 300) + np.eye(3)[truth])
    told = tell(ask, "draws", [(np.arange(300), score)])
    prior = np.log(np.bincount(truth) / 300)

    assert told.accuracy == pytest.approx(accuracy_score(truth, (score + prior).argmax(1)))
    assert told.balanced == pytest.approx(balanced_accuracy_score(truth, score.argmax(1)))


def test_columns_are_listed_best_first_with_the_commonest_class_beside(context: Make, film: Callable[[int], np.ndarray]) -> None:
    label = ["well", "well", "sick"] * 20
    noise = np.random.default_rng(0).choice(["a", "b"], 60).tolist()
    made = context([film(i) for i in range(60)], label, noise=noise, tells=["x" if one == "sick" else "y" for one in label])
    question = asked(made, "label")
    told = listed(by_column(question, ["noise", "tells"]), question.ask)

    assert told["told from"].tolist() == ["tells", "noise"]
    assert told["AUROC"][0] == 1 and told["AUROC"][1] < 0.7
    assert told["most frequent class"].unique() == pytest.approx([2 / 3])
