"""What routing costs, in sentences and for the page's section; nothing is measured here."""

from collections.abc import Mapping
from typing import Any

from overread.report import pictures
from overread.report.folder import Folder
from overread.report.measures import LEADS, measure
from overread.report.show import counted, estimate, figure, interval, plural, share

SHOWN = {"binary": ("auroc", "accuracy", "sensitivity", "specificity", "kappa"), "multiclass": ("auroc", "accuracy", "balanced_accuracy", "kappa")}
"""Figures of the section's first table, by the kind of target; the others are folded away."""


def routing(folder: Folder) -> dict[str, Any]:
    """What `routing.json` says, with its sentences and pictures inside; nothing where there is none."""
    told = folder.json("routing.json", {})
    if not told:
        return {}
    targets = {
        name: {**entry, "uri": pictures.embed(folder.path, entry["picture"] or ""), "shown": SHOWN.get(entry["kind"], SHOWN["multiclass"])}
        for name, entry in told["targets"].items()
    }
    return {**told, "targets": targets, "sentences": sentences(told)}


def sentences(told: Mapping[str, Any]) -> list[str]:
    """What a radiologist reads: how often the router was wrong, what that cost, and what abstaining gained."""
    said = [_router(told)]
    for name, entry in told["targets"].items():
        if entry["oracle"]:
            said += [_loss(entry["oracle"], name, told), _errors(entry["oracle"]["errors"], name)]
        if entry["abstention"]:
            said.append(_abstention(entry["abstention"], name, told))
    return said


def costs(oracle: Mapping[str, Any]) -> int:
    """Of the leading figure: 1 where routing is shown to cost, -1 where the known part's experts are shown to be worse, else 0."""
    lost = oracle["metrics"][_lead(oracle)]["loss"]
    if lost["low"] is None:
        return 0
    return int(lost["low"] > 0) - int(lost["high"] < 0)


def _lead(oracle: Mapping[str, Any]) -> str:
    """The figure that the loss is told in first."""
    return next(key for key in LEADS if key in oracle["metrics"])


def _label(told: Mapping[str, Any], name: str, lead: str) -> str:
    return measure(lead, several=told["targets"][name]["kind"] != "binary").label


def _noun(told: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """How many studies; of a repeated cross-validation, predictions of them."""
    unit, n = told["unit"], entry["predictions"]
    return counted(n, unit) if n == entry["n"] else f"{counted(n, 'prediction')} of {plural(unit)}"


def _router(told: Mapping[str, Any]) -> str:
    held = told["router"]
    unknown = f" The part of {counted(held['unknown'], told['unit'])} is not known." if held["unknown"] else ""
    if not held["n"]:
        return f"The {told['part'].replace('_', ' ')} of no {told['unit']} is known, so what the router says cannot be checked."
    accuracy = held["metrics"]["accuracy"]
    right = f"The router agrees with the known part in {estimate(accuracy, 'accuracy')} of {_noun(told, held)}"
    return f"{right}; {counted(held['elsewhere'], told['unit'])} went elsewhere.{unknown}"


def _loss(oracle: Mapping[str, Any], name: str, told: Mapping[str, Any]) -> str:
    """What was sent elsewhere and what it cost; where the oracle router is the worse one, that is said."""
    lead = _lead(oracle)
    lost, label = oracle["metrics"][lead]["loss"], _label(told, name, lead)
    sent = f"of {_noun(told, oracle)} the router sent {oracle['elsewhere']:,} to another part's expert"
    if oracle["partly"]:
        sent += f" and let others have a say in {oracle['partly']:,} more"
    if not oracle["elsewhere"] and lost["low"] is None and not lost["value"]:
        return f"{name}: {sent.replace(' 0 ', ' none ')}: nothing is lost by routing."
    if lost["value"] is None:
        return f"{name}: {sent}; what that costs in {label} is not defined here."
    size = figure(abs(lost["value"]), lead)
    if lost["low"] is None:
        way = "lies higher" if lost["value"] > 0 else "lies lower" if lost["value"] < 0 else "is the same"
        by = f" by {size}" if lost["value"] else ""
        return f"{name}: {sent}; with the known part's expert the {label} {way}{by}, without an interval: {lost['method'].removeprefix('none: ')}."
    if costs(oracle) > 0:
        return f"{name}: {sent}; that costs {size} {label} ({interval(lost, lead)})."
    if costs(oracle) < 0:
        turned = {"low": -lost["high"], "high": -lost["low"]}
        return f"{name}: {sent}; nothing is lost by that: with the known part's expert the {label} would be {size} lower ({interval(turned, lead)})."
    return f"{name}: {sent}; these rows cannot tell whether that costs anything: {figure(lost['value'], lead)} {label} ({interval(lost, lead)})."


def _errors(errors: Mapping[str, Any], name: str) -> str:
    """How many of the errors are the router's, and how many others the oracle router makes."""
    if not errors["end_to_end"]:
        return f"{name}: the cascade makes no error that routing could explain."
    share_of = estimate(errors["share"], "accuracy")
    of = f"of its {counted(errors['end_to_end'], 'error')} {errors['spared']:,} {'is' if errors['spared'] == 1 else 'are'} the router's"
    said, net = f"{name}: {of}, {share_of}: there the known part's expert is right", errors["spared"] - errors["caused"]
    if not errors["caused"]:
        return f"{said}."
    worse = "more than it spares" if net < 0 else "as many as it spares" if net == 0 else f"{net:,} fewer in all"
    return f"{said}. It makes {counted(errors['caused'], 'error')} of its own instead: {worse}."


def _abstention(kept: Mapping[str, Any], name: str, told: Mapping[str, Any]) -> str:
    """The share that is answered, and the leading figure with and without the rest."""
    lead = next(key for key in LEADS if key in kept["metrics"])
    label, both = _label(told, name, lead), kept["metrics"][lead]
    many = f"{kept['answered']:,} of {_noun(told, kept)}"
    if kept["answered"] == kept["predictions"]:
        return f"{name}: the router is sure enough to answer every {told['unit']}."
    answered = f"it answers {many} ({share(kept['coverage']['value'])}), the others its router is not sure enough of"
    return f"{name}: {answered}; {label} {estimate(both['answered'], lead)} of those it answers, {estimate(both['all'], lead)} of all."
