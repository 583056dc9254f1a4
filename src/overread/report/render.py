"""A folder's page: what lies in the folder, arranged for a radiologist and a statistician; nothing leaves or enters the file."""

from functools import partial
from pathlib import Path
from typing import Any

from overread.report import pictures, results
from overread.report.card import USE, card, limits
from overread.report.checklist import checklist
from overread.report.data import data
from overread.report.exhibits import in_code
from overread.report.folder import Folder
from overread.report.networks import routed, spoken
from overread.report.routing import routing
from overread.report.show import listed
from overread.report.solved import solved
from overread.report.templates import day, templates
from overread.report.training import training
from overread.report.verdict import does, leaked, verdict
from overread.run import write_text

SECTIONS = {
    "findings": "Findings",
    "data": "Data",
    "split": "Split",
    "results": "Results",
    "routing": "Routing",
    "mistakes": "Mistakes",
    "explanation": "Where it looked",
    "covariates": "Without the image",
    "external": "Other data",
    "training": "Training",
    "card": "Model card",
    "checklist": "Checklist",
    "provenance": "Provenance",
}
"""The page's sections in order: the template's name, which is its anchor, and the title in the contents."""


def render(folder: Path) -> Path:
    """Write ``report.html`` into a folder that a run or an evaluation wrote, from the files in it alone.

    Parameters
    ----------
    folder : pathlib.Path
        Holds at least `metrics.json`; a section whose file is absent is left out or says so.

    Returns
    -------
    pathlib.Path
        The page: one HTML file with its pictures and style inside, that asks nothing of any other host.

    Raises
    ------
    UserError
        The folder holds no `metrics.json`.
    """
    page = folder / "report.html"
    environment, held = templates(), Folder(folder)
    view = _view(held)
    environment.filters["code"] = partial(in_code, source=held.catalog.source if held.catalog else "SOURCE")
    view["checklist"] = checklist(environment, view)
    write_text(page, environment.get_template("page.html.j2").render(**view, contents=SECTIONS))
    return page


def _view(folder: Folder) -> dict[str, Any]:
    """Everything a template may name."""
    asked = results.asked(folder)
    first = asked[0]
    status = folder.json("status.json", {})
    return {
        "name": folder.name,
        "made": day(status.get("time")),
        "status": status,
        "asked": asked,
        "first": first,
        "does": " ".join(filter(None, [does(folder, first), routed(folder) or _others(asked)])),
        "verdict": verdict(folder, first),
        "leaked": leaked(folder, first),
        "findings": folder.findings,
        "data": data(folder),
        "split": folder.json("split.json", {}),
        "sample_size": folder.json("sample_size.json", {}),
        "pictures": _pictures(folder, "figures.json", "file"),
        "routing": routing(folder),
        "mistakes": _pictures(folder, "mistakes.json", "picture"),
        "explanation": _explanation(folder),
        "covariates": folder.json("covariates.json", {}),
        "training": training(folder),
        "solved": solved(folder),
        "model": folder.model(absent={}),
        "decision": folder.json("model/decision.json", {}),
        "uses": USE,
        "card": card(folder, asked),
        "routed": routed(folder),
        "limits": limits(folder, first),
        "recipe": folder.recipe,
        "recipe_text": folder.recipe_text,
        "environment": folder.json("environment.json", {}),
        "test_reads": folder.json("test_reads.json", []),
        "external": {name: results.asked(other) for name, other in folder.external.items()},
    }


def _others(asked: list[results.Asked]) -> str:
    """What one network answers beside the first question."""
    return f"It answers {listed([one.name.replace('_', ' ') for one in asked[1:]])} as well." if len(asked) > 1 else ""


def _pictures(folder: Folder, listing: str, key: str) -> list[dict[str, Any]]:
    """The entries of a list of pictures, each with the picture itself as `uri`; those whose file is absent have None."""
    return [{**entry, "uri": pictures.embed(folder.path, entry.get(key) or "")} for entry in folder.json(listing, [])]


def _explanation(folder: Folder) -> dict[str, Any]:
    """What `heat.json` says; `kinds` is the cases of each kind, with their film and their maps inside, `networks` are those that spoke."""
    told = folder.json("heat.json", {})
    kinds: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in told.get("maps", []):
        film = {"row": entry["row"], "film": pictures.embed(folder.path, entry["film"]), "maps": []}
        case = kinds.setdefault(entry["kind"], {}).setdefault(entry["row"], film)
        case["maps"].append({**entry, "by": spoken(folder, entry["network"]), "picture": pictures.embed(folder.path, entry["picture"])})
    networks = list(dict.fromkeys(entry["network"] for entry in told.get("maps", [])))
    return {**told, "networks": networks, "kinds": {kind: list(cases.values()) for kind, cases in kinds.items()}}
