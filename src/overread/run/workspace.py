"""A learner's corner of a run: a folder of its own, and its lines in the log."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from overread.run.files import write_text

PLACES = ("repeat", "fold", "part")
"""What tells the trainings of one run apart."""


@dataclass(frozen=True)
class Workspace:
    """What a learner may write to: a folder of its own and the run's log.

    `where` is merged into every line of the log, e.g. ``{"repeat": 0, "fold": 3}``; nothing for the one network of the model that is kept.
    """

    folder: Path
    journal: Path
    where: dict[str, Any]

    def inside(self, part: str) -> "Workspace":
        """The corner of one part of what is trained here, as one of several networks; `part` stands in its lines of the log."""
        return Workspace(self.folder / part, self.journal, {**self.where, "part": part})

    def log(self, **event: Any) -> None:
        """Append one event to `log.jsonl`."""
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), **self.where, **event}, ensure_ascii=False)
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def rewind(self, epoch: int) -> None:
        """Take this training's later epochs out of the log: they are about to be run through again."""
        lines = complete(self.journal)
        kept = [line for line in lines if not self._later(json.loads(line), epoch)]
        if len(kept) < len(lines):
            write_text(self.journal, "".join(kept))

    def _later(self, event: dict[str, Any], epoch: int) -> bool:
        return event.get("epoch", 0) > epoch and all(event.get(place) == self.where.get(place) for place in PLACES)


def complete(journal: Path) -> list[str]:
    """The lines of a log, each with its end; one that a kill cut short is no line."""
    text = journal.read_bytes().decode(errors="replace") if journal.exists() else ""
    return [line + "\n" for line in text.split("\n")[:-1]]
