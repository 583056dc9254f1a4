"""Pictures of decisions and probabilities: confusion, reliability, thresholds, net benefit, and the course of training."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from overread.evaluation.figures.canvas import BLUE, COLOURS, FAINT, INK, RULE, RUST, canvas, rules, unit
from overread.evaluation.intervals import draw_weights

GROUPS, FULL = 10, 30
"""Most groups of a reliability curve, and the fewest cases in each."""

THRESHOLDS = np.linspace(0, 1, 201)


def confusion(truth: np.ndarray, decision: np.ndarray, classes: Sequence[str], path: Path) -> None:
    """Draw counts by truth and decision, shaded by the share of the true class.

    Parameters
    ----------
    truth, decision : (n,) int in [0, C)
    classes : C names
    """
    size = len(classes)
    table = np.bincount(truth * size + decision, minlength=size * size).reshape(size, size)
    share = table / np.maximum(table.sum(1, keepdims=True), 1)
    side = 2.6 + (0.62 if size < 7 else 0.46) * size
    with canvas(path, side + 0.4, side - 0.2) as figure:
        axes = figure.add_subplot()
        axes.pcolormesh(share, cmap="Blues", vmin=0, vmax=1.05, edgecolors="white", linewidth=2)
        axes.set_aspect("equal")
        axes.invert_yaxis()
        for (row, column), n in np.ndenumerate(table):
            ink = "white" if share[row, column] > 0.68 else INK
            axes.text(column + 0.5, row + 0.5 - 0.11 * (size < 7), f"{n:,}", ha="center", va="center", color=ink, fontsize=14 if size < 4 else 12)
            if size < 7:
                axes.text(column + 0.5, row + 0.72, f"{share[row, column]:.0%}", ha="center", va="center", color=ink, fontsize=9.5)
        tilt: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if max(map(len, classes)) > 9 and size > 2 else {}
        axes.set_xticks(np.arange(size) + 0.5, classes, **tilt)
        axes.set_yticks(np.arange(size) + 0.5, classes)
        axes.set(xlabel="called", ylabel="truth")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)


def reliability(truth: np.ndarray, score: np.ndarray, cluster: np.ndarray, path: Path, axes: tuple[str, str], outcomes: tuple[str, str]) -> None:
    """Draw observed share against predicted probability in groups of equal size, over a histogram of the probabilities.

    Parameters
    ----------
    truth : (n,) 0 or 1, whether it happened
    score : (n,) float in [0, 1], how probable it was said to be
    cluster : (n,) component of each case, for the 95 % intervals
    axes : what the axes are called, across and up
    outcomes : what it is called if it happened, and if not
    """
    groups = int(np.clip(len(score) // FULL, 2, GROUPS))
    edge = np.unique(np.quantile(score, np.linspace(0, 1, groups + 1)))
    bin_of = np.searchsorted(edge[1:-1], score, side="right")
    inside = np.eye(max(1, len(edge) - 1))[bin_of]
    said, seen = (score @ inside) / inside.sum(0), (truth @ inside) / inside.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.concatenate([(w * truth) @ inside / (w @ inside) for w in draw_weights(cluster, 500, seed=0)])
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    with canvas(path, height=5.2) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[4.4, 1])
        unit(top, "", axes[1], square=False)
        top.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        top.vlines(said, low, high, color=BLUE, linewidth=1.4, alpha=0.55)
        top.plot(said, seen, color=BLUE, marker="o", markersize=5)
        heights = [np.histogram(score[truth == value], bins=40, range=(0, 1))[0] for value in (0, 1)]
        down, up = (max(1, height.max()) for height in heights)
        down, up = max(down, up / 3), max(up, down / 3)
        for sign, height, colour in ((-1, heights[0], FAINT), (1, heights[1], RUST)):
            bottom.bar(np.linspace(0.0125, 0.9875, 40), sign * height, width=0.022, color=colour)
        bottom.axhline(0, color=FAINT, linewidth=0.6)
        bottom.set(xlabel=axes[0], ylim=(-1.08 * down, 1.08 * up))
        bottom.set_yticks([up / 2, -down / 2], outcomes)
        bottom.spines["left"].set_visible(False)
        bottom.tick_params(length=3, width=0.6)
        bottom.tick_params(axis="y", length=0)


def threshold_curve(truth: np.ndarray, score: np.ndarray, path: Path, threshold: float | None = None) -> None:
    """Draw sensitivity, specificity, PPV and NPV against the threshold; the chosen one is marked."""
    called = score >= THRESHOLDS[:, None]
    tp, fp = (called & (truth == 1)).sum(1), (called & (truth == 0)).sum(1)
    positives, negatives = truth.sum(), (1 - truth).sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        lines = {
            "sensitivity": (tp / positives, BLUE, "-"),
            "specificity": (1 - fp / negatives, RUST, "-"),
            "PPV": (tp / (tp + fp), BLUE, (0, (4, 2))),
            "NPV": ((negatives - fp) / (len(truth) - tp - fp), RUST, (0, (4, 2))),
        }
    with canvas(path, height=4.6) as figure:
        axes = figure.add_subplot()
        unit(axes, "threshold on the calibrated probability", "", square=False)
        for name, (values, colour, dash) in lines.items():
            axes.plot(THRESHOLDS, values, color=colour, linestyle=dash, label=name)
        if threshold is not None:
            _mark(axes, threshold)
        figure.legend(loc="outside upper center", ncols=4, frameon=False, handlelength=1.5, columnspacing=1.0, handletextpad=0.4)


def net_benefit(truth: np.ndarray, score: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Net benefit of acting where the score reaches a threshold: true positives less false ones at the threshold's odds, per case.

    Vickers & Elkin 2006; (t,) for (t,) thresholds below 1.
    """
    called = score >= thresholds[:, None]
    tp, fp = (called & (truth == 1)).mean(1), (called & (truth == 0)).mean(1)
    return np.asarray(tp - fp * thresholds / (1 - thresholds))


def decision_curve(truth: np.ndarray, score: np.ndarray, path: Path, threshold: float | None = None) -> None:
    """Draw net benefit against the threshold probability: of the model, of acting on all, of acting on none."""
    thresholds = THRESHOLDS[:-1]
    model, everyone = net_benefit(truth, score, thresholds), net_benefit(truth, np.ones_like(score), thresholds)
    top = max(float(truth.mean()), 1e-3)
    with canvas(path, height=4.6) as figure:
        axes = figure.add_subplot()
        axes.plot(thresholds, everyone, color=RUST, linewidth=1.3, label="act on all")
        axes.axhline(0, color=FAINT, linewidth=1.3, label="act on none")
        axes.plot(thresholds, model, color=BLUE, label="act on the model")
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.18 * top, 1.08 * top), xlabel="threshold probability", ylabel="net benefit per case")
        rules(axes)
        if threshold is not None:
            _mark(axes, threshold, high=threshold < 1.25 * top)
        handles, labels = axes.get_legend_handles_labels()
        order = [2, 0, 1]
        figure.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            loc="outside upper center",
            ncols=3,
            frameon=False,
            handlelength=1.4,
            columnspacing=1.0,
        )


def training_curves(events: Iterable[dict[str, Any]], path: Path) -> None:
    """Draw losses and validation metrics against the epoch, phases apart.

    Parameters
    ----------
    events : lines of the log; those with `epoch` count: `phase`, `train_loss`, `val_loss`, `val_<metric>`. Of several folds, each has its line.
    """
    log = pd.DataFrame([event for event in events if "epoch" in event])
    places = [name for name in ("repeat", "fold") if name in log]
    groups = [group.reset_index(drop=True) for _, group in log.groupby(places, dropna=False)] if places else [log.reset_index(drop=True)]
    scores = [str(name) for name in log if str(name).startswith("val_") and name != "val_loss" and pd.api.types.is_numeric_dtype(log[name])]
    with canvas(path, height=5.2 if scores else 3.2) as figure:
        panels = figure.subplots(1 + bool(scores), 1, sharex=True, squeeze=False)[:, 0]
        kinds = [("train_loss", "training", FAINT), ("val_loss", "validation", BLUE)]
        for axes, lines in zip(
            panels, (kinds, [(name, name.removeprefix("val_").replace("_", " "), COLOURS[i]) for i, name in enumerate(scores)]), strict=False
        ):
            for name, label, colour in lines:
                for number, group in enumerate(groups):
                    if name in group:
                        fade = 1.0 if len(groups) == 1 else 0.45
                        dot = "o" if len(group) == 1 else None
                        axes.plot(
                            group.index + 1, group[name], marker=dot, color=colour, alpha=fade, label=label if number == 0 else None, linewidth=1.5
                        )
            for start in np.flatnonzero(groups[0]["phase"].diff().fillna(0) != 0) if "phase" in log else []:
                axes.axvline(start + 0.5, color=RULE, linewidth=1.2, zorder=0)
            rules(axes)
            axes.legend(frameon=False, handlelength=1.2)
        panels[0].set_ylabel("loss")
        if scores:
            panels[1].set_ylabel("validation")
        panels[-1].set_xlabel("epoch")
        panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))


def _mark(axes: Axes, threshold: float, high: bool = False) -> None:
    """An upright line at the chosen threshold, with its value at the foot or, where that is taken, the top."""
    axes.axvline(threshold, color=INK, linewidth=1)
    right = threshold < 0.5
    at = threshold + (0.015 if right else -0.015)
    backing = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
    side = "left" if right else "right"
    axes.text(at, 0.92 if high else 0.03, f"{threshold:.2f}", transform=axes.get_xaxis_transform(), ha=side, va="bottom", color=INK, bbox=backing)
