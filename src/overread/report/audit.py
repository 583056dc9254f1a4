"""An audit's page: its first screen makes the owner of bad data stop and the owner of sound data calm; nothing is measured here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overread.findings import Finding, Severity
from overread.report.copies import copies
from overread.report.data import data
from overread.report.exhibits import Exhibit, commands, exhibits
from overread.report.folder import Folder
from overread.report.show import counted
from overread.report.templates import day, templates
from overread.run import write_text

SECTIONS = {"raised": "Findings", "asked": "Also asked", "data": "Data", "copies": "Copies", "provenance": "Provenance"}
"""The page's sections in order: the template's name, which is its anchor, and the title in the contents."""

FEW = 0.05
"""Share of the test below which a leak flatters a figure, rather than making it worthless."""


COMPARED = "A score on one of the two, of a model that learnt from the other, measures memory."
"""What it means that two sources share images."""


@dataclass(frozen=True)
class Verdict:
    """The first screen in words.

    Attributes
    ----------
    headline : the gravest finding, or that there is none
    means : what follows from it for a figure
    level : the gravest severity raised; blank where nothing was
    counts : severity to how many findings were raised
    """

    headline: str
    means: str
    level: str
    counts: dict[str, int]


def render_audit(folder: Path) -> Path:
    """Write ``audit.html`` into a folder that an audit wrote, from the files in it alone: one file that asks nothing of any other host."""
    page = folder / "audit.html"
    held = Folder(folder)
    findings, told = held.findings or [], held.json("audit.json", {})
    shown = exhibits(folder, findings, told["source"])
    found = [exhibit for exhibit in shown if exhibit.finding.passed is False]
    status = held.json("status.json", {})
    view = {
        "name": held.name,
        "made": day(status.get("time")),
        "status": status,
        "told": told,
        "verdict": verdict(findings, bool(told["against"])),
        "found": found,
        "gravest": gravest(found),
        "commands": commands([exhibit.finding for exhibit in found if exhibit.finding.severity.reaches(Severity.HIGH)], told["source"]),
        "open": [exhibit for exhibit in shown if exhibit.finding.passed is None],
        "passed": [exhibit for exhibit in shown if exhibit.finding.passed],
        "data": data(held),
        "copies": copies(held),
        "environment": held.json("environment.json", {}),
    }
    write_text(page, templates().get_template("audit.html.j2").render(**view, contents=SECTIONS))
    return page


def verdict(findings: Sequence[Finding], compared: bool = False) -> Verdict:
    """What the findings, the gravest first, say of a figure on these data, or of a figure across two sources that were compared."""
    held = [finding for finding in findings if finding.passed is False]
    counts = {str(level): sum(finding.severity is level for finding in held) for level in reversed(Severity)}
    grave = [finding for finding in held if finding.severity.reaches(Severity.HIGH)]
    if grave:
        return Verdict(grave[0].sentence, COMPARED if compared else _means(grave[0]), str(grave[0].severity), counts)
    means = _quietly(passed=sum(finding.passed is True for finding in findings), minor=len(held), open_=sum(f.passed is None for f in findings))
    level = str(held[0].severity) if held else ""
    if compared:
        said = next((finding.sentence for finding in findings if finding.passed), "Nothing that both sources hold was found.")
        return Verdict(said, means, level, counts)
    return Verdict("Nothing was found that would make a figure on these data untrue.", means, level, counts)


def gravest(found: Sequence[Exhibit]) -> list[Exhibit]:
    """What the first screen shows: at most three, and only what is grave."""
    return [exhibit for exhibit in found if exhibit.finding.severity.reaches(Severity.HIGH)][:3]


def _quietly(passed: int, minor: int, open_: int) -> str:
    """What is to be said where nothing is grave."""
    said = [f"{counted(passed, 'check')} passed"] if passed else []
    said += [f"{counted(minor, 'smaller thing')} {'is' if minor == 1 else 'are'} worth knowing"] if minor else []
    said += [f"{counted(open_, 'question')} could not be answered"] if open_ else []
    return f"{'; '.join(said)}."


def _means(finding: Finding) -> str:
    if finding.severity is not Severity.LEAK:
        return "A figure on these data may not mean what it seems to mean."
    if finding.effect and "share" in finding.effect.name and finding.effect.value < FEW:
        return "Every figure measured on this split is too good, by how much nobody can say."
    return "No figure measured on this split can be believed."
