"""How learning went, from a run's log: losses by epoch, or, where a head was solved, what each strength and each share of the data was worth."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from overread.evaluation.canvas import BLUE, FAINT, canvas, rules
from overread.evaluation.panels import training_curves

PLACES = ["repeat", "fold"]


def draw_course(events: Iterable[dict[str, Any]], folder: Path) -> None:
    """Draw what the log tells of: ``training.svg`` of epochs, ``strengths.svg`` and ``few-shot.svg`` of a solved head.

    Parameters
    ----------
    events : lines of the log; those with `epoch`, or with an `event` that is `strength` or `few-shot`, count
    folder : where the SVG files go; it must exist
    """
    lines = list(events)
    if any("epoch" in line for line in lines):
        training_curves(lines, folder / "training.svg")
    for event, file, paint in (("strength", "strengths.svg", strengths), ("few-shot", "few-shot.svg", few_shot)):
        table = tabulate(lines, event)
        if len(table):
            paint(table, folder / file)


def tabulate(events: Iterable[dict[str, Any]], event: str) -> pd.DataFrame:
    """The lines of one event, a row each; of what was gone through twice, as a resumed run does, the last."""
    table = pd.DataFrame([line for line in events if line.get("event") == event])
    keys = [name for name in (*PLACES, "strength" if event == "strength" else "share", "draw") if name in table]
    return table.drop_duplicates(keys, keep="last").reset_index(drop=True) if len(table) else table


def strengths(table: pd.DataFrame, path: Path) -> None:
    """Draw the log loss on held-out components against the strength, a line a network, a ring where it is smallest.

    Parameters
    ----------
    table : `strength`, `held_out_loss`, `chosen` and, of several networks, `repeat` and `fold`
    """
    places = [name for name in PLACES if name in table]
    groups = [group for _, group in table.groupby(places, dropna=False)] if places else [table]
    with canvas(path, height=3.4) as figure:
        axes = figure.add_subplot()
        for group in groups:
            fade = 1.0 if len(groups) == 1 else 0.45
            axes.plot(group["strength"], group["held_out_loss"], color=BLUE, marker="o", markersize=4, alpha=fade)
            best = group[group["chosen"]]
            axes.plot(best["strength"], best["held_out_loss"], color=BLUE, marker="o", markersize=11, markerfacecolor="none", alpha=fade)
        axes.set_xscale("log")
        tried = sorted(set(table["strength"]))
        axes.set_xticks(tried, [f"{strength:g}" for strength in tried], rotation=45)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set(xlabel="strength", ylabel="held-out log loss")
        rules(axes)


def few_shot(table: pd.DataFrame, path: Path) -> None:
    """Draw AUROC on validation against the number of components that were learnt from, a dot a draw, a line through their means.

    Parameters
    ----------
    table : `share`, `components`, `auroc`
    """
    means = table.groupby("share")[["components", "auroc"]].mean()
    with canvas(path, height=3.8) as figure:
        axes = figure.add_subplot()
        axes.plot(table["components"], table["auroc"], linestyle="none", marker="o", markersize=4, color=FAINT, alpha=0.6)
        axes.plot(means["components"], means["auroc"], color=BLUE, marker="o", markersize=6)
        axes.set_xscale("log")
        _shares(axes, means)
        axes.set(xlabel="components that are learnt from", ylabel="validation AUROC")
        rules(axes)


def _shares(axes: Axes, means: pd.DataFrame) -> None:
    """A tick for each share, with how many that is."""
    counts = means["components"].round().astype(int)
    axes.set_xticks(np.maximum(counts, 1), [f"{count:,}\n{share:.0%}" for share, count in counts.items()])
    axes.xaxis.set_minor_locator(NullLocator())
