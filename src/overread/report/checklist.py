"""CLAIM 2024 and TRIPOD+AI, answered from the run where the run knows and left open, by name, where only a person does."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml
from jinja2 import Environment
from markupsafe import Markup


@dataclass(frozen=True)
class Item:
    """One thing a reader of a study must be told.

    Attributes
    ----------
    claim, tripod : the numbers under which the two guidelines ask for it
    answer : what the run says, blank where it cannot know
    open : what a person must still state, blank where nothing is left
    """

    claim: list[str]
    tripod: list[str]
    topic: str
    asks: str
    answer: str
    open: str


def checklist(environment: Environment, view: dict[str, Any]) -> list[Item]:
    """The items of `checklist.yaml`, each answer filled in from what the page knows."""
    text = (resources.files("overread.report") / "checklist.yaml").read_text(encoding="utf-8")
    return [_item(environment, view, entry) for entry in yaml.safe_load(text)]


def _item(environment: Environment, view: dict[str, Any], entry: dict[str, Any]) -> Item:
    answer = environment.from_string(entry.get("answer", "")).render(**view)
    claim, tripod = ([str(number) for number in entry.get(guideline, [])] for guideline in ("claim", "tripod"))
    unanswered = "" if answer.strip() else entry.get("else", "")
    still = "; ".join(filter(None, (unanswered, entry.get("open"))))
    return Item(claim, tripod, entry["topic"], entry["asks"], Markup(" ".join(answer.split())), still)  # noqa: S704 - rendered with autoescape
