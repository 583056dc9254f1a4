"""What the sections share: tables, figures with their intervals, and the line that says where a figure comes from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def figure(entry: Entry | None) -> str:
    """A figure with its interval."""
    if entry is None or entry["value"] is None:
        return "not defined"
    return value(entry) + (f" ({entry['low']:.3f} to {entry['high']:.3f})" if entry["low"] is not None else " (no interval)")


def value(entry: Entry) -> str:
    return f"{entry['value']:.3f}"


def words(key: str) -> str:
    return {"auroc": "AUROC", "brier": "Brier score"}.get(key, key.replace("_", " "))


def made(told: Entry, command: str) -> str:
    """Where, when and by what a section was measured."""
    hardware = told["hardware"]
    machine = f"{hardware['processor']}, {hardware['cores']} cores, {hardware['system']}, Python {hardware['python']}"
    lasted = f", {told['seconds']:,} s" + " in epochs of training" * ("epochs" in told) if "seconds" in told else ""
    commit = told["commit"][:10] + "+" * told["commit"].endswith("+")
    return f"*`{command}`, commit {commit}, {told['date']}, seed {told['seed']}, {machine}{lasted}.*\n"
