"""How the network was trained, from the run's log."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from markupsafe import Markup

from overread.report.folder import Folder
from overread.report.pictures import curves
from overread.report.show import words

PLACES = ("repeat", "fold", "name", "site")
TIMES = ("time", "event", "epoch", "phase", "trains", "best", *PLACES)

SPEED = ("per_second", "seconds", "rate")
"""Endings of logged figures that are no curve of learning."""


@dataclass(frozen=True)
class Training:
    """What the log says of the epochs.

    Attributes
    ----------
    epochs : one entry an epoch, as logged, of all networks
    shown : those of the network that was trained last, which is the one that is kept
    places : what tells the networks and phases apart, as far as it was logged
    columns : the figures that were logged, in order
    curves : (title, picture) of each figure that changes
    models : how many networks were trained
    speed : images a second, slowest and fastest epoch; None if not logged
    """

    epochs: list[dict[str, Any]]
    shown: list[dict[str, Any]]
    places: list[str]
    columns: list[str]
    curves: list[tuple[str, Markup]]
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
    drawn = []
    for column in (name for name in columns if not name.endswith(SPEED)):
        lines = [
            [(float(step), float(line[column])) for step, line in enumerate(model, 1) if _number(line.get(column))]
            for model in reversed(models.values())
        ]
        drawn.append((words(column), curves([line for line in lines if line], _starts(kept))))
    places = [place for place in (*PLACES, "phase", "trains", "epoch", "best") if any(place in line for line in epochs)]
    return Training(epochs, kept, places, columns, [(title, picture) for title, picture in drawn if picture], len(models), _speed(epochs))


def _speed(epochs: list[dict[str, Any]]) -> tuple[float, float] | None:
    seen = [float(value) for line in epochs for key, value in line.items() if key.endswith("per_second") and _number(value)]
    return (min(seen), max(seen)) if seen else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _starts(model: list[dict[str, Any]]) -> list[float]:
    """The epochs at which a phase began, the first left out."""
    phases = [line.get("phase") for line in model]
    return [step + 0.5 for step in range(1, len(phases)) if phases[step] != phases[step - 1]]
