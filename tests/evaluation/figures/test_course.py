import pandas as pd
import pytest

from overread.evaluation.figures.course import draw_course, tabulate

EPOCHS = [{"epoch": n, "phase": 0, "train_loss": 1 / n, "val_loss": 1 / n} for n in (1, 2)]
STRENGTHS = [{"event": "strength", "strength": s, "held_out_loss": loss, "chosen": loss == 0.4} for s, loss in ((0.01, 0.5), (0.1, 0.4), (1, 0.6))]
FEW = [{"event": "few-shot", "share": s, "draw": d, "components": int(100 * s), "auroc": 0.6 + s / 4 + d / 50} for s in (0.05, 0.5) for d in (0, 1)]


@pytest.mark.parametrize(
    ("events", "drawn"),
    [([], set()), (EPOCHS, {"training.svg"}), (STRENGTHS, {"strengths.svg"}), ([*STRENGTHS, *FEW], {"strengths.svg", "few-shot.svg"})],
    ids=["nothing", "epochs", "strengths", "few-shot"],
)
def test_what_the_log_tells_is_drawn_and_nothing_else(tmp_path, events, drawn):
    draw_course(events, tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == drawn


def learnt(n, **more):
    return {"train_loss": 1 / n, "val_loss": 1 / n, "val_auroc": None if n == 1 else 1 - 1 / n, **more}


MULTI = [{"epoch": n, "phase": 1, **learnt(n), "targets": {"abnormal": learnt(n, weight=1), "body_part": learnt(n, weight=2)}} for n in (1, 2, 3)]
CASCADE = [{"epoch": n, "phase": n, "part": part, **learnt(n)} for part in ("router", "expert-HAND") for n in (1, 2)]


@pytest.mark.parametrize(
    ("events", "names"),
    [
        (MULTI, ["abnormal", "body_part"]),
        ([{**line, "fold": fold, "repeat": 0} for fold in (0, 1) for line in MULTI], ["abnormal", "body_part"]),
        (CASCADE, ["router", "expert-HAND"]),
        ([{**line, "part": "pooled"} for line in MULTI], ["pooled, abnormal", "pooled, body_part"]),
    ],
    ids=["targets", "folds", "parts", "both"],
)
def test_several_targets_or_networks_have_curves_of_their_own(tmp_path, events, names):
    draw_course(events, tmp_path)

    [drawn] = tmp_path.iterdir()
    text = drawn.read_text()
    assert [text.count(f">{name}<") for name in names] == [1] * len(names)
    assert text.count(">AUROC<") == len(names)


def test_heads_of_several_networks_that_were_solved_are_drawn_apart(tmp_path):
    apart = [{**line, "part": part} for part in ("router", "expert-HAND") for line in [*STRENGTHS, *FEW]]
    draw_course(apart, tmp_path)

    for file in ("strengths.svg", "few-shot.svg"):
        assert all((tmp_path / file).read_text().count(f">{part}<") == 1 for part in ("router", "expert-HAND"))
    assert len(tabulate(apart, "strength")) == 6
    assert len(tabulate(apart, "few-shot")) == 8


def test_ticks_say_what_was_tried_and_how_many_components_a_share_is(tmp_path):
    draw_course([*STRENGTHS, *FEW], tmp_path)

    assert all(f">{tick}<" in (tmp_path / "strengths.svg").read_text() for tick in ("0.01", "0.1", "1"))
    assert all(f">{tick}<" in (tmp_path / "few-shot.svg").read_text() for tick in ("5%", "50%", "50", "5"))


def test_what_a_resumed_run_went_through_twice_counts_once_and_folds_apart():
    assert len(tabulate([*STRENGTHS, *STRENGTHS], "strength")) == 3
    assert len(tabulate([*STRENGTHS, *({**line, "fold": 1, "repeat": 0} for line in STRENGTHS)], "strength")) == 6
    pd.testing.assert_series_equal(tabulate(FEW, "few-shot")["auroc"], pd.Series([line["auroc"] for line in FEW], name="auroc"))
