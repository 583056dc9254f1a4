"""What a verb hands back: the same content for a program, a person and an exit code."""

from dataclasses import dataclass, field
from typing import Any

from overread.findings import Finding


@dataclass(frozen=True)
class Result:
    """Outcome of a verb.

    Attributes
    ----------
    content : JSON-able; what ``--json`` prints under `result`
    words : the lines a person reads on stdout
    findings : what a second reading found; ``--fail-on`` looks at these
    """

    content: Any
    words: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
