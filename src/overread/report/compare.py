"""A comparison's page: which models lead, and which differences the rows can tell; nothing is measured here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overread.report import pictures
from overread.report.folder import Folder
from overread.report.measures import LEADS, measure
from overread.report.results import question
from overread.report.show import counted, difference, estimate, figure, listed
from overread.report.templates import day, templates
from overread.run import write_text

SECTIONS = {
    "differences": "Differences",
    "subgroups": "By group",
    "curves": "ROC curves",
    "confusions": "Confusion matrices",
    "figures": "All figures",
    "method": "How",
}
"""The page's sections in order: the template's name, which is its anchor, and the title in the contents."""

SHOWN = {"binary": ("accuracy", "sensitivity", "specificity", "auroc"), "multiclass": ("accuracy", "balanced_accuracy", "auroc")}
"""Columns of the table, by the kind of target."""

LOWER = {"brier", "log_loss", "ece"}
"""Figures of which the lower is the better."""

SIGNIFICANT, CHANCE = 0.05, 0.5


@dataclass(frozen=True)
class Verdict:
    """What the rows say of one target's models.

    Attributes
    ----------
    lead : the figure that models are ranked by
    order : models, the best first
    told, pairs : pairs that are told apart, of how many
    reach : half the width of the narrowest and the widest interval of a difference: what is smaller was hardly to be seen; None without intervals
    sentence : all that in one or two sentences
    """

    lead: str
    order: list[str]
    told: int
    pairs: int
    reach: tuple[float, float] | None
    sentence: str


@dataclass(frozen=True)
class Group:
    """One table of levels and models: of a covariate, in one figure; `best` is the model told from all others, by level."""

    covariate: str
    figure: str
    best: dict[str, str | None]


def render_comparison(folder: Path) -> Path:
    """Write ``report.html`` into a folder that a comparison wrote, from the files in it alone: one file that asks nothing of any other host."""
    held = Folder(folder)
    told, status = held.json("comparison.json"), held.json("status.json", {})
    page = folder / "report.html"
    asked = [
        {
            **entry,
            "name": name,
            "verdict": verdict(told, name),
            "guessing": guessing(entry),
            "roc": pictures.embed(folder, entry["roc"] or ""),
            "cells": cells(entry["pairs"]),
            "groups": groups(entry),
            "by_group": {covariate: _by_covariate(entry, covariate) for covariate in entry.get("subgroups", {})},
        }
        for name, entry in told["targets"].items()
    ]
    environment = templates()
    environment.filters.update(p=p_value, seconds=seconds)
    environment.globals.update(apart=apart, ask=question)
    view = {"name": held.name, "made": day(status.get("time")), "status": status, "told": told, "asked": asked}
    write_text(page, environment.get_template("compare.html.j2").render(**view, contents=SECTIONS))
    return page


def verdict(told: Mapping[str, Any], name: str) -> Verdict:
    """What one target's entry of `comparison.json` comes to."""
    asked = told["targets"][name]
    table: Mapping[str, Any] = asked["table"]
    lead = next(key for key in LEADS if all(key in entry["metrics"] for entry in table.values()))
    value = {model: entry["metrics"][lead]["value"] for model, entry in table.items()}
    order = sorted(table, key=lambda model: -(value[model] if value[model] is not None else -1.0))
    best, both = order[0], cells(asked["pairs"])
    against = {model: both[best, model]["metrics"][lead] for model in order[1:]}
    halves = [(e["high"] - e["low"]) / 2 for pair in asked["pairs"] if (e := pair["metrics"][lead])["low"] is not None]
    count = sum(apart(pair["metrics"][lead]) for pair in asked["pairs"])
    label = measure(lead, several=asked["kind"] != "binary").label
    sentence = _two(label, lead, value, order, against) if len(order) == 2 else _several(label, lead, value[best], order, against)
    return Verdict(lead, order, count, len(asked["pairs"]), (min(halves), max(halves)) if halves else None, sentence)


def guessing(asked: Mapping[str, Any]) -> str:
    """The models whose AUROC is not shown to be above 0.5; blank where all are."""
    low = {model: (entry["metrics"].get("auroc") or {}).get("low") for model, entry in asked["table"].items()}
    alike = [model for model, end in low.items() if end is not None and end <= CHANCE]
    if not alike:
        return ""
    which = ("both models" if len(low) == 2 else f"all {len(low)} models") if len(alike) == len(low) else listed(alike)
    return f"Not shown to be better than chance (an AUROC of 0.5), by their own intervals: {which}."


def groups(asked: Mapping[str, Any]) -> list[Group]:
    """The tables of one target: a covariate and a figure each."""
    return [
        Group(covariate, key, {level: best(held, key) for level, held in found.items()})
        for covariate, found in asked.get("subgroups", {}).items()
        for key in dict.fromkeys(key for held in found.values() for figures in held["table"].values() for key in figures)
    ]


def best(held: Mapping[str, Any], key: str) -> str | None:
    """The model that the rows of a level tell from every other one as the better; None where there is no such."""
    if not held["pairs"]:
        return None
    both, sign = cells(held["pairs"]), -1 if key in LOWER else 1
    ahead = {pair for pair, found in both.items() if apart(found["metrics"][key]) and sign * found["metrics"][key]["value"] > 0}
    return next((one for one in held["table"] if all((one, other) in ahead for other in held["table"] if other != one)), None)


def by_group(told: Mapping[str, Any], name: str) -> list[str]:
    """Which model wins in which level of which covariate, in words."""
    asked = told["targets"][name]
    return [sentence for covariate in asked["subgroups"] for sentence in _by_covariate(asked, covariate)]


def cells(pairs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Both ways round: how far the first model lies above the second."""
    found = {}
    for pair in pairs:
        found[pair["one"], pair["other"]] = dict(pair)
        found[pair["other"], pair["one"]] = {**pair, "metrics": {name: _turned(entry) for name, entry in pair["metrics"].items()}}
    return found


def apart(entry: Mapping[str, Any]) -> bool:
    """Whether a difference is told by the rows: its p, adjusted over all pairs, is below 0.05."""
    return entry["p_holm"] is not None and entry["p_holm"] < SIGNIFICANT


def words(told: Mapping[str, Any], name: str) -> list[str]:
    """The table as lines of text, a row a model."""
    asked = told["targets"][name]
    first = next(iter(asked["table"].values()))
    rows = [["model", *(measure(key).label for key in asked["shown"])]]
    rows += [[model, *(estimate(entry["metrics"].get(key), key) for key in asked["shown"])] for model, entry in asked["table"].items()]
    width = [max(map(len, column)) for column in zip(*rows, strict=True)]
    part = f"{told['part']} {told['unit']}"
    head = f"{name}: {counted(first['n'], part)} in {counted(first['clusters'], 'component')}"
    return [head, *("  ".join(f"{cell:<{wide}}" for cell, wide in zip(row, width, strict=True)).rstrip() for row in rows)]


def p_value(p: float | None) -> str:
    """A p as journals print it; a dash where there is none."""
    return "–" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.995 else "1"


def seconds(value: float | None) -> str:
    """A duration: "1.4 s", "41 s", "32 min", "2.4 h"; blank where it is not known."""
    if value is None:
        return ""
    if value < 120:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def _turned(entry: Mapping[str, Any]) -> dict[str, Any]:
    low, high = (None if entry[end] is None else -entry[end] for end in ("high", "low"))
    return {**entry, "value": None if entry["value"] is None else -entry["value"], "low": low, "high": high}


def _two(label: str, lead: str, value: Mapping[str, float | None], order: Sequence[str], against: Mapping[str, Any]) -> str:
    best, other = order
    found = against[other]
    ranked = f"{best} has the higher {label}, {figure(value[best], lead)} against {figure(value[other], lead)} of {other}"
    if value[best] == value[other]:
        return f"{best} and {other} have the same {label}, {figure(value[best], lead)}."
    if found["p"] is None:
        return f"{ranked}; whether that is more than chance was not tested: {found['method'].removeprefix('none: ')}."
    if apart(found):
        return f"{ranked}, and these rows tell the two apart (difference {difference(found, lead)}, p {p_value(found['p_holm'])})."
    return f"{ranked}, but these rows cannot tell the two apart (difference {difference(found, lead)}, p {p_value(found['p_holm'])})."


def _several(label: str, lead: str, value: float | None, order: Sequence[str], against: Mapping[str, Any]) -> str:
    ranked = f"{order[0]} has the highest {label}, {figure(value, lead)}"
    clear, alike = ([model for model in order[1:] if apart(against[model]) is told] for told in (True, False))
    if all(found["p"] is None for found in against.values()):
        return f"{ranked}; whether that is more than chance was not tested: {against[order[1]]['method'].removeprefix('none: ')}."
    if not alike:
        return f"{ranked}, and these rows tell it from all {len(clear)} others."
    if not clear:
        return f"{ranked}, but these rows cannot tell it from any other model."
    return f"{ranked}: these rows tell it from {listed(clear)}, but not from {listed(alike)}."


def _by_covariate(asked: Mapping[str, Any], covariate: str) -> list[str]:
    """A sentence for each level whose rows tell two models apart in the leading figure, or one that none does."""
    found, name = asked["subgroups"][covariate], covariate.replace("_", " ")
    scored = {level: held for level, held in found.items() if held["pairs"]}
    if not scored:
        return [f"By {name}: no level has {asked['scarce']} of every class, so all are counted and none is scored."]
    lead = next(key for key in LEADS if key in next(iter(scored.values()))["pairs"][0]["metrics"])
    label, said = measure(lead, several=asked["kind"] != "binary").label, []
    for level, held in scored.items():
        ahead = [(pair, entry) for pair, found in cells(held["pairs"]).items() if apart(entry := found["metrics"][lead]) and entry["value"] > 0]
        if ahead:
            wins = listed([f"{one} above {other}, {difference(entry, lead)}" for (one, other), entry in ahead])
            said.append(f"{name} {level}: {label} of {wins}.")
    rest = len(scored) - len(said)
    if said:
        return [*said, f"{name}, the other {counted(rest, 'level')}: these rows cannot tell the models apart in {label}."] if rest else said
    several = f"any of the {len(scored)} levels" if len(scored) > 1 else f"the one level, {next(iter(scored))}, that could be scored"
    return [f"By {name}: these rows cannot tell the models apart in {label} in {several}."]
