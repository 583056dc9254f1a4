"""ROC and precision against sensitivity, with the band that a bootstrap over components gives them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from overread.evaluation.counts import Cases, Counts, ratio
from overread.evaluation.figures.canvas import BLUE, COLOURS, FAINT, INK, canvas, unit
from overread.evaluation.intervals import draw_weights
from overread.evaluation.metrics import auroc, average_precision

GRID = np.linspace(0, 1, 101)
DRAWS = 500
"""Bootstrap draws of a band, which is read by eye."""

POINTS = 400
"""Most points of a drawn curve."""


def roc(cases: Cases, cluster: np.ndarray, path: Path, threshold: float | None = None, classes: tuple[str, ...] = ()) -> None:
    """Draw the ROC curve: sensitivity against 1 - specificity.

    Parameters
    ----------
    cases : binary, or with `classes` of several, each then against the rest
    cluster : (n,) component of each case, for the pointwise 95 % band of a binary curve
    threshold : is ringed
    classes : names of several classes
    """
    with canvas(path, height=_height(classes)) as figure:
        axes = figure.add_subplot()
        unit(axes, "1 − specificity", "sensitivity")
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        if classes:
            areas = [auroc(Counts.plain(one))[0] for one in cases.one_against_rest]
            for i in np.argsort(areas)[::-1]:
                axes.plot(*_thin(*_roc(cases.one_against_rest[i])), color=COLOURS[i % len(COLOURS)], label=f"{classes[i]}  {_figure(areas[i])}")
            _legend(axes, "AUROC", classes)
            return
        axes.fill_between(GRID, *_band(cases, cluster, _sensitivity_on_grid), color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(*_thin(*_roc(cases)), color=BLUE)
        if threshold is not None:
            called = cases.score >= threshold
            _ring(axes, (called & (cases.truth == 0)).sum() / (cases.truth == 0).sum(), (called & (cases.truth == 1)).sum() / cases.truth.sum())
        axes.text(0.97, 0.05, f"AUROC {_figure(auroc(Counts.plain(cases))[0])}", ha="right", va="bottom", fontsize=13, color=INK)


def precision_recall(cases: Cases, cluster: np.ndarray, path: Path, threshold: float | None = None, classes: tuple[str, ...] = ()) -> None:
    """Draw precision (PPV) against sensitivity, in steps, as the average precision sums it; parameters as for `roc`."""
    with canvas(path, height=_height(classes)) as figure:
        axes = figure.add_subplot()
        unit(axes, "sensitivity (recall)", "precision (PPV)")
        if classes:
            areas = [average_precision(Counts.plain(one))[0] for one in cases.one_against_rest]
            for i in np.argsort(areas)[::-1]:
                axes.plot(
                    *_thin(*_precision_recall(cases.one_against_rest[i])), color=COLOURS[i % len(COLOURS)], label=f"{classes[i]}  {_figure(areas[i])}"
                )
            _legend(axes, "average precision", classes)
            return
        axes.axhline(cases.truth.mean(), color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        low, high = _band(cases, cluster, _precision_on_grid)
        axes.fill_between(GRID[1:], low[1:], high[1:], color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(*_thin(*_precision_recall(cases)), color=BLUE)
        called = cases.score >= threshold if threshold is not None else np.zeros(len(cases), dtype=bool)
        if called.any():
            _ring(axes, (called & (cases.truth == 1)).sum() / cases.truth.sum(), cases.truth[called].mean())
        area = average_precision(Counts.plain(cases))[0]
        x, y, side, edge = (0.03, 0.05, "left", "bottom") if area > 0.4 else (0.97, 0.95, "right", "top")
        axes.text(x, y, f"average precision {_figure(area)}", ha=side, va=edge, fontsize=13)


def _roc(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """(g + 1,) 1 - specificity and sensitivity, from nothing called positive to everything."""
    true, false = (one[0] for one in Counts.plain(cases).found)
    return np.append(0, false / false[-1]), np.append(0, true / true[-1])


def _precision_recall(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """Sensitivity and precision as steps: a precision holds for the sensitivity gained with it."""
    true, false = (one[0] for one in Counts.plain(cases).found)
    recall, precision = true / true[-1], true / (true + false)
    return np.append(0, np.repeat(recall, 2)[:-1]), np.repeat(precision, 2)


def _sensitivity_on_grid(counts: Counts) -> np.ndarray:
    """(draws, grid) sensitivity at each 1 - specificity, between measured points along the straight line."""
    true, false = counts.found
    with np.errstate(invalid="ignore"):
        return np.stack([np.interp(GRID, np.append(0, x / x[-1]), np.append(0, y / y[-1])) for x, y in zip(false, true, strict=True)])


def _precision_on_grid(counts: Counts) -> np.ndarray:
    """(draws, grid) precision at the first score that reaches each sensitivity."""
    true, false = counts.found
    precision = ratio(true, true + false)
    at = [np.minimum(np.searchsorted(one / one[-1], GRID - 1e-9), len(one) - 1) if one[-1] else np.zeros(len(GRID), int) for one in true]
    return np.take_along_axis(precision, np.stack(at), 1)


def _band(cases: Cases, cluster: np.ndarray, curve: Callable[[Counts], np.ndarray]) -> np.ndarray:
    """(2, grid) pointwise 95 % interval of a curve over draws of components."""
    drawn = np.concatenate([curve(Counts(cases, weight)) for weight in draw_weights(cluster, DRAWS, seed=0)])
    return np.asarray(np.nanquantile(drawn, [0.025, 0.975], axis=0))


def _thin(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most POINTS of a curve's points, evenly along its length."""
    if len(x) <= POINTS:
        return x, y
    along = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    keep = np.unique(np.searchsorted(along, np.linspace(0, along[-1], POINTS)).clip(max=len(x) - 1))
    keep = np.unique(np.concatenate([[0], keep, [len(x) - 1]]))
    return x[keep], y[keep]


def _figure(area: float) -> str:
    """Two decimals, three where two would say 1.00 of what is not."""
    return f"{area:.2f}" if area < 0.99 else f"{area:.3f}"


def _ring(axes: Axes, x: float, y: float) -> None:
    axes.plot(
        [x],
        [y],
        marker="o",
        markersize=8,
        markerfacecolor="white",
        markeredgecolor=INK,
        markeredgewidth=1.6,
        linestyle="none",
        zorder=5,
        clip_on=False,
    )


def _abreast(classes: tuple[str, ...]) -> int:
    """Legend entries that fit side by side: three short names, two longer ones, or one."""
    longest = max(map(len, classes))
    return 3 if longest <= 10 else 2 if longest <= 22 else 1


def _height(classes: tuple[str, ...]) -> float:
    """Inches: the square axes, and the lines of legend above them."""
    return 4.4 + (0.55 + 0.2 * -(-len(classes) // _abreast(classes)) if classes else 0.0)


def _legend(axes: Axes, title: str, classes: tuple[str, ...]) -> None:
    """The classes above the axes, where no curve runs."""
    ncols = _abreast(classes)
    axes.legend(title=title, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=ncols, frameon=False, handlelength=1.4, columnspacing=1.2)
