"""How learning went, from a run's log: losses by epoch, or, where a head was solved, what each strength and each share of the data was worth.

A model of several networks says of each line of its log which `part` it is of; these are drawn apart.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from overread.evaluation.figures.canvas import BLUE, FAINT, canvas, rules
from overread.evaluation.figures.epochs import curve_rows
from overread.evaluation.figures.panels import training_curves

PLACES = ["repeat", "fold", "part"]


def draw_course(events: Iterable[dict[str, Any]], folder: Path) -> None:
    """Draw what the log tells of: ``training.svg`` of epochs, ``strengths.svg`` and ``few-shot.svg`` of a solved head.

    Parameters
    ----------
    events : lines of the log; those with `epoch`, or with an `event` that is `strength` or `few-shot`, count
    folder : where the SVG files go; it must exist
    """
    lines = list(events)
    epochs = [line for line in lines if "epoch" in line]
    if epochs:
        several = any("part" in line or "targets" in line for line in epochs)
        (curve_rows if several else training_curves)(epochs, folder / "training.svg")
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
    table : `strength`, `held_out_loss`, `chosen` and, of several networks, `repeat`, `fold` and `part`
    """
    for axes, part in _panels(table, path, 3.4):
        places = [name for name in PLACES if name in part]
        groups = [group for _, group in part.groupby(places, dropna=False)] if places else [part]
        for group in groups:
            fade = 1.0 if len(groups) == 1 else 0.45
            axes.plot(group["strength"], group["held_out_loss"], color=BLUE, marker="o", markersize=4, alpha=fade)
            best = group[group["chosen"]]
            axes.plot(best["strength"], best["held_out_loss"], color=BLUE, marker="o", markersize=11, markerfacecolor="none", alpha=fade)
        axes.set_xscale("log")
        tried = sorted(set(part["strength"]))
        axes.set_xticks(tried, [f"{strength:g}" for strength in tried], rotation=45)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set(xlabel="strength", ylabel="held-out log loss")


def few_shot(table: pd.DataFrame, path: Path) -> None:
    """Draw AUROC on validation against the number of components that were learnt from, a dot a draw, a line through their means.

    Parameters
    ----------
    table : `share`, `components`, `auroc` and, of several networks, `part`
    """
    for axes, part in _panels(table, path, 3.8):
        means = part.groupby("share")[["components", "auroc"]].mean()
        axes.plot(part["components"], part["auroc"], linestyle="none", marker="o", markersize=4, color=FAINT, alpha=0.6)
        axes.plot(means["components"], means["auroc"], color=BLUE, marker="o", markersize=6)
        axes.set_xscale("log")
        _shares(axes, means)
        axes.set(xlabel="components that are learnt from", ylabel="validation AUROC")


def _panels(table: pd.DataFrame, path: Path, height: float) -> Iterator[tuple[Axes, pd.DataFrame]]:
    """A panel for each part, one above the other, or the one panel; the figure is written when all are drawn."""
    parts = list(table.groupby("part", sort=False, dropna=False)) if "part" in table else [("", table)]
    with canvas(path, height=height * len(parts)) as figure:
        for (name, part), axes in zip(parts, figure.subplots(len(parts), 1, squeeze=False)[:, 0], strict=True):
            yield axes, part
            axes.set_title(str(name), loc="left", fontsize=11)
            rules(axes)


def _shares(axes: Axes, means: pd.DataFrame) -> None:
    """A tick for each share, with how many that is."""
    counts = means["components"].round().astype(int)
    axes.set_xticks(np.maximum(counts, 1), [f"{count:,}\n{share:.0%}" for share, count in counts.items()])
    axes.xaxis.set_minor_locator(NullLocator())
