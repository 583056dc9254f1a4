"""How a picture of this house looks: one size, one palette, type that reads at phone width, the same bytes every time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PINK, SKY, RUST = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
"""Okabe & Ito 2008: told apart with any colour vision."""

COLOURS = (BLUE, RUST, GREEN, PINK, ORANGE, SKY, "#6B6B6B", "#332288", "#882255", "#117733")
INK, FAINT, RULE = "#222222", "#767676", "#DDDDDD"

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "overread",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
}


@contextmanager
def canvas(path: Path, width: float = 4.6, height: float = 4.4) -> Iterator[Figure]:
    """A figure, written as SVG when the block ends; inches at 72 points, so 4.6 is 331 px wide."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure
        with catch_warnings():
            filterwarnings("ignore", "Glyph .* missing from font")  # the page's own fonts draw the text
            figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)


def unit(axes: Axes, across: str, up: str, square: bool = True) -> None:
    """Both axes from 0 to 1, ruled faintly, named in the field's terms."""
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=across, ylabel=up, xticks=ticks, yticks=ticks)
    rules(axes)
    if square:
        axes.set_aspect("equal")


def rules(axes: Axes) -> None:
    """Faint rules behind what is drawn."""
    axes.grid(color=RULE, linewidth=0.6)
    axes.tick_params(length=3, width=0.6)
