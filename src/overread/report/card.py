"""The model card: what the network is, what it may be used for, and where its figures stop holding."""

from collections.abc import Mapping, Sequence
from typing import Any

from overread.report.folder import Folder
from overread.report.networks import networks, routed
from overread.report.results import Asked
from overread.report.show import counted, listed, plain, plural, share, words

USE = (
    "Research on images like those that the model was trained on: comparing methods, finding faults in a data set, a baseline for a study.",
    "Not for diagnosis, triage, reassurance or any decision about a person: no regulator has seen it and no prospective study was made.",
)

PARTS = {
    "backbone": "Backbone",
    "head": "Head",
    "solved": "How it was solved",
    "engine": "How features are read",
    "preprocess": "Preprocessing",
    "image": "Fit",
    "summary": "Layers and parameters",
}
"""Parts of `model.json` that have a heading of their own, in this order."""

UNTOLD = {"trainable"}
"""What could train says nothing beside the phases, which say what did."""


NETWORKS = ("targets", "parts", "members", "networks", "routing", "abstain", "weights")
"""Parts of a model of several networks that are told network by network."""


def card(folder: Folder, asked: Sequence[Asked]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Heading to (term, text) rows, from `model/model.json` and, where it is silent, the recipe."""
    model = {"backbone": folder.recipe.get("backbone"), **folder.model(absent={})}
    kind = model.pop("kind", None) or folder.recipe.get("learner", {}).get("kind")
    if not kind:
        return []
    each = networks(folder)
    others = [(words(key), plain(value)) for key, value in model.items() if key not in (*PARTS, *NETWORKS) and value]
    several = [("how it answers", routed(folder))] if each else []
    titles = {**PARTS, "summary": "Layers and parameters of the pooled expert"} if each else PARTS
    return [
        ("Model", [("learner", plain(kind)), *_answers(asked), *several, *others]),
        *([("Networks", each)] if each else []),
        *((title, _rows(model.get(key))) for key, title in titles.items() if model.get(key)),
    ]


def _answers(asked: Sequence[Asked]) -> list[tuple[str, str]]:
    """A row a question."""
    return [
        (
            "answers" if len(asked) == 1 else f"answers {one.name.replace('_', ' ')}",
            f"{one.kind}: {listed(one.classes, 'or')}" + (f"; positive class {one.positive}" if one.positive else ""),
        )
        for one in asked
    ]


def _rows(content: Any) -> list[tuple[str, str]]:
    """(term, text) of one part of the model's description; a list of named things becomes one row each."""
    if not isinstance(content, Mapping):
        return [("name", _cut(plain(content)))]
    rows: list[tuple[str, str]] = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            rows += [(plain(entry.get("name")), plain({k: v for k, v in entry.items() if k not in UNTOLD | {"name"}})) for entry in value]
        elif value not in (None, "", [], {}) and key not in UNTOLD | ({"hidden"} if content.get("kind") == "linear" else set()):
            said = {name: held for name, held in value.items() if held is not None} if isinstance(value, Mapping) else value
            rows.append((words(key), _cut(plain(said))))
    return rows


def _cut(text: str, at_most: int = 400) -> str:
    return text if len(text) <= at_most else f"{text[:at_most]}…"


def limits(folder: Folder, asked: Asked) -> list[str]:
    """Where the figures stop holding, as sentences."""
    entry = asked.entry
    said = []
    frame = folder.catalog.frame if folder.catalog else None
    if frame is not None and not folder.external and not asked.external:
        sources, sites = frame["source"].nunique(), frame.loc[frame["site"] != "", "site"].nunique()
        place = f"{counted(sources, 'source')}" + (f", {counted(sites, 'site')}" if sites else ", sites not named")
        elsewhere = "a hospital unlike these" if folder.recipe.get("split", {}).get("leave_site_out") else "another hospital"
        said.append(f"The images come from {place}; no other data were scored, so nothing is shown about {elsewhere}, scanner or time.")
    if frame is not None and not (frame["patient"] != "").any():
        said.append("Patients are not named: images of one person may stand on two sides, which makes figures too good.")
    if asked.positive and entry.get("prevalence", {}).get(asked.positive) is not None:
        prevalence = share(entry["prevalence"][asked.positive])
        said.append(f"PPV and NPV hold where {prevalence} of {plural(asked.unit)} are {asked.positive}, as here; elsewhere they differ.")
    small = [
        f"{covariate} {level}"
        for covariate, levels in (entry.get("subgroups") or {}).items()
        for level, group in levels.items()
        if (group.get("clusters") or 0) < 20
    ]
    if small:
        more = f" and {len(small) - 5} more" if len(small) > 5 else ""
        said.append(f"Too few cases to judge by themselves (under 20 components): {', '.join(small[:5])}{more}.")
    said.append("Threshold and probabilities fit the population they were chosen on; at another site both need a local sample to be checked on.")
    said.append("Whether the network looks at the disease or at something that comes with it cannot be read from these figures.")
    return said
