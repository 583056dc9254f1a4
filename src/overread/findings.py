"""A finding: one thing a second reading found, in a sentence the owner of the data understands."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal


class Severity(StrEnum):
    """How much a finding takes from the number, least first."""

    INFO = "info"
    LOW = "low"
    HIGH = "high"
    LEAK = "leak"

    def reaches(self, other: "Severity") -> bool:
        order = list(Severity)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Effect:
    """The size of what was found: a named figure with its 95 % interval and the number of cases behind it."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class Finding:
    """What one check says.

    `passed` is None where the check could not decide; `evidence` are files relative to the run folder.
    """

    check: str
    subject: Literal["data", "run"]
    severity: Severity
    passed: bool | None
    sentence: str
    effect: Effect | None = None
    p: float | None = None
    evidence: list[str] = field(default_factory=list)
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "Finding":
        effect = Effect(**entry["effect"]) if entry.get("effect") else None
        return cls(**{**entry, "severity": Severity(entry["severity"]), "effect": effect})


def write(findings: Iterable[Finding], path: Path) -> None:
    path.write_text(json.dumps([finding.to_dict() for finding in findings], indent=2, ensure_ascii=False), encoding="utf-8")


def read(path: Path) -> list[Finding]:
    return [Finding.from_dict(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
