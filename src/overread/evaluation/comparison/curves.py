"""The ROC curves of several models in one picture."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from overread.evaluation.counts import Cases, Counts
from overread.evaluation.figures.canvas import COLOURS, FAINT, canvas, unit
from overread.evaluation.metrics import auroc

DASHES = ("solid", (0, (5, 1.5)), (0, (1.5, 1.2)))
"""Line styles, so that more models than colours, and a print without colours, can be told apart."""

GRID = np.linspace(0, 1, 501)


def rocs(models: Mapping[str, Cases], path: Path) -> None:
    """Draw sensitivity against 1 - specificity of each model, named with its AUROC, the best first.

    Of several classes the curve is the mean over them, each against the rest, at the same specificity (macro).

    Parameters
    ----------
    models : name to cases of the same rows, every class among their truth
    """
    areas = {name: float(auroc(Counts.plain(cases))[0]) for name, cases in models.items()}
    with canvas(path, width=6.2, height=5.6 + 0.24 * len(models)) as figure:
        axes = figure.add_subplot()
        unit(axes, "1 − specificity", "sensitivity")
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        for i, name in enumerate(models):
            dash = DASHES[(i + i // len(COLOURS)) % len(DASHES)]
            axes.plot(*_curve(models[name]), color=COLOURS[i % len(COLOURS)], linestyle=dash, label=f"{name}  {areas[name]:.3f}", zorder=3)
        handles, labels = axes.get_legend_handles_labels()
        best = np.argsort([-areas[name] for name in models], kind="stable")
        named = [handles[i] for i in best], [labels[i] for i in best]
        axes.legend(*named, title="AUROC", frameon=False, handlelength=2.4, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _curve(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """1 - specificity and sensitivity."""
    if cases.classes == 2:
        return _roc(cases)
    return np.append(0, GRID), np.append(0, np.mean([np.interp(GRID, *_roc(one)) for one in cases.one_against_rest], axis=0))


def _roc(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """(g + 1,) from nothing called positive to everything."""
    true, false = (one[0] for one in Counts.plain(cases).found)
    return np.append(0, false / false[-1]), np.append(0, true / true[-1])
