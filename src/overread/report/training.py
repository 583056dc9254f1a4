"""How the network was trained, from the run's log."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from overread.report.folder import Folder
from overread.report.pictures import embed

PLACES = ("repeat", "fold", "name", "site")
"""What tells the models of several splits apart; `part` tells the networks of one model apart."""

TIMES = ("time", "event", "epoch", "phase", "trains", "best", "part", *PLACES)

SPEED = ("per_second", "seconds", "rate")
"""Endings of logged figures that are no curve of learning."""


@dataclass(frozen=True)
class Training:
    """What the log says of the epochs.

    Attributes
    ----------
    epochs : one entry an epoch, as logged, of all networks
    shown : those of the model that was trained last, which is the one that is kept
    places : what tells the networks and phases apart, as far as it was logged
    columns : the figures that were logged, in order
    curves : the drawn curves, None where they were not
    parts : the networks of that model, where it has several
    models : how many networks were trained
    speed : images a second, slowest and fastest epoch; None if not logged
    """

    epochs: list[dict[str, Any]]
    shown: list[dict[str, Any]]
    places: list[str]
    columns: list[str]
    curves: str | None
    parts: list[str]
    models: int
    speed: tuple[float, float] | None


def training(folder: Folder) -> Training | None:
    """The epochs of a run; None where none was logged."""
    epochs = [line for line in folder.log if "epoch" in line]
    if not epochs:
        return None
    columns = list(dict.fromkeys(key for line in epochs for key, value in line.items() if key not in TIMES and _number(value)))
    models: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in epochs:
        models.setdefault(tuple(line.get(place) for place in PLACES), []).append(line)
    kept = list(models.values())[-1]
    places = [place for place in (*PLACES, "part", "phase", "trains", "epoch", "best") if any(place in line for line in epochs)]
    networks = {(*place, line.get("part")) for place, lines in models.items() for line in lines}
    parts = list(dict.fromkeys(line["part"] for line in kept if "part" in line))
    return Training(epochs, kept, places, columns, embed(folder.path, "figures/training.svg"), parts, len(networks), _speed(epochs))


def _speed(epochs: list[dict[str, Any]]) -> tuple[float, float] | None:
    seen = [float(value) for line in epochs for key, value in line.items() if key.endswith("per_second") and _number(value)]
    return (min(seen), max(seen)) if seen else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
