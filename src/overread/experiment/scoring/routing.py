"""How much of a cascade's loss is routing: `routing.json`, a picture of abstention, the rows that were sent elsewhere, and what to say of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from overread.catalog import Catalog
from overread.evaluation.abstention import abstention, curve, draw_curve
from overread.evaluation.figures.draw import slug
from overread.evaluation.routing import against_oracle, router
from overread.experiment.output import write_table
from overread.findings import Effect, Finding, Severity
from overread.progress import note
from overread.recipe import Evaluation
from overread.report.routing import costs, sentences
from overread.report.show import counted
from overread.run import write_json

PARTS = ("test", "external")
"""Parts of a run's predictions that routing is measured on, the first that is there."""

OFTEN = 0.03
"""Share of rows beyond which the router and the known part disagree often: parts of the body look so different that a thumbnail forest
disagrees on 9 in 100 films, and a trained network on fewer than 3; beyond that the router, or the labels, are to be looked at."""


def score_routing(folder: Path, judged: pd.DataFrame, catalog: Catalog, plan: Evaluation, seed: int) -> tuple[list[str], list[Finding]]:
    """Measure what routing costs and write `routing.json`, `routing.csv` and a picture a target into a run's folder.

    Parameters
    ----------
    folder : the run's, or one of an external evaluation
    judged : images or units, judged: `route` and, beside `raw`, `p` and `decision` of every target, ``oracle-p:T:C``, ``oracle-decision:T``
        and ``abstained:T`` of the targets that the experts answer; without `route` nothing is done
    catalog : the rows' components, and the targets
    plan, seed : the declared unit, and the draws of the bootstrap over components

    Returns
    -------
    words, findings
        Lines for a person; one finding, `routing`, where any row's part is known.
    """
    scored = next((judged[judged["split"] == part] for part in PARTS if (judged["split"] == part).any()), judged.iloc[:0])
    part = _part(scored, catalog)
    if part is None:
        return [], []
    note("what routing costs: the cascade beside an oracle router")
    parts, clusters = catalog.targets[part], catalog.frame.set_index("row")["component"]
    about: dict[str, Any] = {"draws": plan.draws, "seed": seed}
    targets: dict[str, Any] = {}
    for name, target in catalog.targets.items():
        if name == part:
            continue
        points = curve(scored, name, target, part, parts, clusters, **about)
        kept = abstention(scored, name, target, clusters, **about)
        targets[name] = {
            "kind": target.kind,
            "oracle": against_oracle(scored, name, target, part, parts, clusters, **about),
            "abstention": kept,
            "curve": points,
            "picture": _picture(folder, name, points, kept),
        }
    told = {
        "unit": plan.unit,
        "split": str(scored["split"].iloc[0]),
        "part": part,
        "parts": list(parts.classes),
        "router": router(scored, part, parts, clusters, **about),
        "targets": targets,
    }
    write_json(folder / "routing.json", told)
    write_table(elsewhere(scored, part, list(parts.classes)), folder / "routing.csv")
    return sentences(told), [*_finding(told)]


def elsewhere(rows: pd.DataFrame, part: str, parts: list[str]) -> pd.DataFrame:
    """The rows whose route is not the known part, those that the router is surest of first: there the label may be wrong.

    Returns
    -------
    pandas.DataFrame
        `row`, `known`, `route`, `confidence` (the router's own probability of its route).
    """
    sent = rows[rows[f"truth:{part}"].isin(parts) & (rows["route"] != rows[f"truth:{part}"])]
    confidence = softmax(sent[[f"raw:{part}:{label}" for label in parts]].to_numpy(float), axis=1).max(1, initial=0)
    told = {"row": sent["row"], "known": sent[f"truth:{part}"], "route": sent["route"], "confidence": np.round(confidence, 4)}
    return pd.DataFrame(told).sort_values("confidence", ascending=False, kind="stable", ignore_index=True)


def _part(rows: pd.DataFrame, catalog: Catalog) -> str | None:
    """The target that the router answers: the one whose classes the routes are, and of which there is no oracle."""
    if "route" not in rows or rows.empty:
        return None
    routes = set(rows["route"])
    return next((n for n, target in catalog.targets.items() if routes <= set(target.classes) and f"oracle-decision:{n}" not in rows), None)


def _picture(folder: Path, name: str, points: list[dict[str, Any]], kept: dict[str, Any] | None) -> str | None:
    """Draw the curve, where there is more than one point of it."""
    if len(points) < 2:
        return None
    (folder / "figures").mkdir(exist_ok=True)
    path = folder / "figures" / f"{slug(name)}-abstention.svg"
    draw_curve(points, path, kept["coverage"]["value"] if kept else None)
    return f"figures/{path.name}"


def _finding(told: dict[str, Any]) -> list[Finding]:
    """Whether the router and the known parts disagree often, graver where that is shown to cost."""
    held, unit = told["router"], told["unit"]
    if not held["n"]:
        return []
    accuracy = held["metrics"]["accuracy"]
    low, high = (None if accuracy[end] is None else 1 - accuracy[end] for end in ("high", "low"))
    share = held["elsewhere"] / held["predictions"]
    effect = Effect("share of rows sent to another part than the known one", share, low, high, held["predictions"])
    first = sentences(told)[0]
    if low is None:
        return [Finding("routing", "run", Severity.INFO, None, f"{first} Too few to say how often.", effect)]
    if low <= OFTEN:
        return [Finding("routing", "run", Severity.INFO, True, first, effect)]
    shown = any(costs(entry["oracle"]) > 0 for entry in told["targets"].values() if entry["oracle"])
    what = "it costs what the known part's expert would have got right" if shown else "that it costs anything is not shown"
    return [
        Finding(
            "routing",
            "run",
            Severity.HIGH if shown else Severity.LOW,
            False,
            f"{first} That is often, and {what}.",
            effect,
            evidence=["routing.csv"],
            remedy=f"Look at {counted(held['elsewhere'], unit)} in routing.csv, the surest first: there the label of {told['part']} may be "
            "wrong. If the labels are right, the router needs more films of these parts; soft routing and abstention spare some of the loss.",
        )
    ]
