"""Curves of learning where there are several: of every target of one network, or of every network of a model, a row each."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from overread.evaluation.figures.canvas import BLUE, FAINT, RULE, canvas, rules

LOSSES = (("train_loss", "training", FAINT), ("val_loss", "validation", BLUE))


def curve_rows(events: Iterable[dict[str, Any]], path: Path) -> None:
    """Draw loss and validation AUROC against the epoch, a row of panels for each part and target; of several folds, each has its line.

    Parameters
    ----------
    events : lines of the log with `epoch`: `part` (which of several networks), `targets` (target to `train_loss`, `val_loss`,
        `val_auroc`) or, of one target, these themselves, `phase`, and of several folds `repeat` and `fold`
    """
    table = pd.DataFrame(list(_apart(events)))
    rows = list(table.groupby("name", sort=False))
    with canvas(path, width=5.6, height=0.9 + 1.55 * len(rows)) as figure:
        panels = figure.subplots(len(rows), 2, squeeze=False, sharex="row", sharey="col")
        for (name, group), (loss, auroc) in zip(rows, panels, strict=True):
            for number, (_, line) in enumerate(group.groupby("place", sort=False)):
                fade, at = 1.0 if len(set(group["place"])) == 1 else 0.45, np.arange(1, len(line) + 1)
                dot = "o" if len(line) == 1 else None
                for key, label, colour in LOSSES:
                    loss.plot(at, line[key], color=colour, alpha=fade, marker=dot, linewidth=1.5, label=label if number == 0 else None)
                auroc.plot(at, line["val_auroc"], color=BLUE, alpha=fade, marker=dot, linewidth=1.5)
                if number == 0:
                    _phases(line["phase"], loss, auroc)
            loss.set_title(str(name), loc="left", fontsize=11)
            loss.set_ylabel("loss")
            auroc.set_ylabel("AUROC")
        for axes in panels.flat:
            rules(axes)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        for axes in panels[-1]:
            axes.set_xlabel("epoch")
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False, handlelength=1.2)


def _apart(events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One entry a line of the log and target: what it is called, which network of several folds it is of, its figures."""
    for event in events:
        for target, told in event.get("targets", {"": event}).items():
            yield {
                "name": ", ".join(filter(None, (event.get("part"), target))),
                "place": f"{event.get('repeat')} {event.get('fold')}",
                "phase": event.get("phase", 0),
                **{key: _number(told.get(key)) for key in ("train_loss", "val_loss", "val_auroc")},
            }


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _phases(phase: pd.Series, *panels: Axes) -> None:
    """Uprights where a phase begins."""
    for start in np.flatnonzero(phase.diff().fillna(0) != 0):
        for axes in panels:
            axes.axvline(start + 0.5, color=RULE, linewidth=1.2, zorder=0)
