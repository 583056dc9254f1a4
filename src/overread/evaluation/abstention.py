"""What a cascade gains by not answering where its router is unsure: figures of the answered rows, beside the share that is answered."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from overread.catalog import Target
from overread.evaluation.evaluate import as_cases
from overread.evaluation.figures.canvas import BLUE, FAINT, RUST, canvas, rules
from overread.evaluation.intervals import Interval
from overread.evaluation.metrics import metrics
from overread.evaluation.routing import proportion
from overread.evaluation.scoring import score

SHARES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Shares of the rows that are answered, the router's surest first."""

LABELS = {"auroc": "AUROC", "accuracy": "accuracy"}
"""Figures of the curve, as the picture names them."""


def abstention(rows: pd.DataFrame, name: str, target: Target, clusters: pd.Series, *, draws: int, seed: int) -> dict[str, Any] | None:
    """The answered rows beside all rows.

    Parameters
    ----------
    rows : judged predictions of one split, with `abstained:T`
    name, target : the question that is answered or not
    clusters : component of each row, indexed by `row`

    Returns
    -------
    dict or None
        None without that column, or without a truth. Else, JSON-able: ``n``, ``predictions``, ``answered`` (of them), ``coverage`` (the share,
        with interval), ``metrics`` {name: {all, answered}}.
    """
    held = rows[target.encode(rows[f"truth:{name}"]) >= 0]
    if f"abstained:{name}" not in rows or held.empty:
        return None
    cluster, chosen = clusters.reindex(held["row"]).to_numpy(), metrics(target.kind)
    answered = ~held[f"abstained:{name}"].fillna(False).to_numpy(dtype=bool)
    every = score(as_cases(held, name, target), cluster, chosen, draws=draws, seed=seed)
    some = score(as_cases(held[answered], name, target), cluster[answered], chosen, draws=draws, seed=seed) if answered.any() else {}
    none = Interval.bare(np.nan, "no row is answered")
    return {
        "n": int(held["row"].nunique()),
        "predictions": len(held),
        "answered": int(answered.sum()),
        "coverage": proportion(answered, cluster, draws, seed).to_dict(),
        "metrics": {key: {"all": every[key].to_dict(), "answered": some.get(key, none).to_dict()} for key in chosen},
    }


def curve(
    rows: pd.DataFrame, name: str, target: Target, part: str, parts: Target, clusters: pd.Series, *, draws: int, seed: int
) -> list[dict[str, Any]]:
    """The figures as the router's confidence that is asked for rises and fewer rows are answered.

    Parameters
    ----------
    rows : judged predictions of one split; the router's confidence is the largest of its own probabilities, softmax of `raw:PART:C`
    name, target : the question that is answered or not
    part, parts : the target that the router answers

    Returns
    -------
    list of dict
        A point for each of `SHARES`, most rows first: ``share`` that is answered in fact (rows of one confidence stay together),
        ``threshold`` on the confidence, ``predictions``, ``metrics`` {auroc, accuracy}.
    """
    held = rows[target.encode(rows[f"truth:{name}"]) >= 0]
    if held.empty:
        return []
    confidence = softmax(held[[f"raw:{part}:{label}" for label in parts.classes]].to_numpy(float), axis=1).max(1)
    cluster, every = clusters.reindex(held["row"]).to_numpy(), metrics(target.kind)
    falling, points = np.sort(confidence)[::-1], []
    for threshold in dict.fromkeys(float(falling[max(1, round(share * len(falling))) - 1]) for share in SHARES):
        kept = confidence >= threshold
        figures = score(as_cases(held[kept], name, target), cluster[kept], {key: every[key] for key in LABELS}, draws=draws, seed=seed)
        told = {"share": float(kept.mean()), "threshold": threshold, "predictions": int(kept.sum())}
        points.append({**told, "metrics": {key: figure.to_dict() for key, figure in figures.items()}})
    return points


def draw_curve(points: Sequence[Mapping[str, Any]], path: Path, answered: float | None = None) -> None:
    """Draw the figures and their 95 % intervals against the share that is answered; the share that is in use is marked.

    Parameters
    ----------
    points : see `curve`
    answered : the share that the model's own threshold answers
    """
    with canvas(path, height=3.8) as figure:
        axes = figure.add_subplot()
        rules(axes)
        for name, colour, shift in zip(LABELS, (BLUE, RUST), (-0.003, 0.003), strict=True):
            told = [(point["share"] + shift, point["metrics"][name]) for point in points if point["metrics"][name]["value"] is not None]
            ends = [(at, entry["low"], entry["high"]) for at, entry in told if entry["low"] is not None]
            if ends:
                axes.vlines(*zip(*ends, strict=True), color=colour, linewidth=1.4, alpha=0.55)
            axes.plot([at for at, _ in told], [entry["value"] for _, entry in told], color=colour, marker="o", markersize=5, label=LABELS[name])
        if answered is not None:
            axes.axvline(answered, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        axes.set(xlabel="share that is answered, the router's surest first", ylabel=" and ".join(LABELS.values()))
        axes.set_xlim(1.02, min(point["share"] for point in points) - 0.02)
        figure.legend(loc="outside upper center", ncols=2, frameon=False)
