"""The first screen in sentences: how sure the number is, what the split protects against and what a second reading found."""

from dataclasses import dataclass

from overread.findings import Finding, Severity
from overread.report.folder import Folder
from overread.report.results import Asked, part
from overread.report.show import counted, listed, plural, share

GRADES = {
    "patient-safe": ("No patient, study, group or copy of an image stands on two sides.", "Another hospital, scanner or time."),
    "copy-safe": (
        "No group and no copy of an image stands on two sides.",
        "One patient on two sides (patients are not named), another hospital, scanner or time.",
    ),
    "image-only": ("No row stands on two sides.", "Copies, one patient on two sides, another hospital, scanner or time."),
}
"""What a split of each grade protects against and what not, where `split.json` does not say."""

ELSEWHERE = (
    "What is special to the training source: these images come from another one.",
    "Images that are in the training data as well, and any third hospital, scanner or time.",
)
"""The same of an evaluation on other data."""

POOLS = {
    "mean": "the mean of their probabilities",
    "max": "the largest of their probabilities",
    "noisy-or": "noisy-or",
    "learned": "a generalised mean chosen on validation",
}
"""How the answers on a unit's images become one, in words."""

CHANCE = 0.5
"""The AUROC of a score that tells nothing."""

UNKNOWN = ("Not known: the split was not made here.", "Not known, so assume the worst: copies and patients on two sides.")


@dataclass(frozen=True)
class Verdict:
    """What the first screen says beside the number; `subject` is what protects."""

    sure: str
    subject: str
    grade: str
    protects: str
    not_protects: str
    findings: dict[str, int]
    findings_made: bool
    gravest: list[Finding]


def verdict(folder: Folder, asked: Asked) -> Verdict:
    """The sentences beside one target's number."""
    split = folder.json("split.json", {})
    grade = str(split.get("grade") or asked.entry.get("grade") or "")
    known = ELSEWHERE if asked.external else next((text for start, text in GRADES.items() if grade.startswith(start)), UNKNOWN)
    first, second = _halves(str(split.get("sentence") or ""))
    raised = [finding for finding in folder.findings or [] if finding.passed is False]
    return Verdict(
        sure=sure(folder, asked),
        subject="scoring other data" if asked.external else "the split",
        grade="" if asked.external else grade.replace(" (", ", ").rstrip(")"),
        protects=split.get("protects") or (first if second else known[0]),
        not_protects=split.get("not_protects") or second or first or known[1],
        findings={level: sum(finding.severity == level for finding in raised) for level in reversed(Severity)},
        findings_made=folder.findings is not None,
        gravest=sorted((f for f in raised if f.severity.reaches(Severity.HIGH)), key=lambda f: list(Severity).index(f.severity), reverse=True),
    )


def _halves(sentence: str) -> tuple[str, str]:
    """What a grade's sentences say for the split, and what against it: the first one, and the rest."""
    first, stop, second = sentence.partition(". ")
    return (f"{first}.", second) if stop else (sentence, "")


def sure(folder: Folder, asked: Asked) -> str:
    """How many cases the number rests on and what its interval covers."""
    entry = asked.entry
    by_class = [f"{sum(row):,} {name}" for name, row in zip(asked.classes, entry.get("confusion") or [], strict=False)] if asked.once else []
    mix = f" ({listed(by_class)})" if 0 < len(by_class) <= 3 else ""
    units, components = counted(entry.get("n") or 0, asked.unit), counted(entry.get("clusters") or 0, "component")
    cases = f"{units}{mix} in {components}: each a patient, study, group or set of copies"
    unseen = ", and scored by a model that did not see it" if asked.pooled else ""
    lead = asked.leading
    covers = "The interval covers the sampling of cases, not of retraining."
    if lead.get("low") is not None and asked.lead == "auroc":
        covers += _chance(lead["low"], lead["high"])
    if lead.get("low") is None:
        covers = "No interval can be given; the number may be far off."
    elif folder.catalog is not None and not (folder.catalog.frame["patient"] != "").any():
        covers += f" Patients are not named: {plural(asked.unit)} of one person count as separate cases, so the interval may be too narrow."
    return f"{cases}{unseen}. {covers}{_reads(folder, asked)}"


def _chance(low: float, high: float) -> str:
    """What an AUROC's interval says that is not above chance."""
    if high < CHANCE:
        return " It lies below 0.5, which is chance: the score points the wrong way."
    return " It holds 0.5, which is chance: by this figure the score is not shown to tell anything." if low <= CHANCE else ""


def _reads(folder: Folder, asked: Asked) -> str:
    """How often the test rows were scored, where that is more than once."""
    times = len(folder.json("test_reads.json", []))
    return (
        f" The test rows were scored {times} times: choosing between scores makes the best one too good."
        if times > 1 and asked.main == "test"
        else ""
    )


def does(folder: Folder, asked: Asked) -> str:
    """What the model does, in one sentence."""
    model = folder.json("model/model.json", {})
    backbone = model.get("backbone") or folder.recipe.get("backbone") or {}
    name = (backbone.get("name") if isinstance(backbone, dict) else backbone) or _whose(folder)
    of = f" of {asked.name}" if asked.name != asked.positive else ""
    held = folder.model(absent={})
    beside = listed([*held.get("columns", []), *held.get("text", [])])
    given = f"one image, and {beside} beside it" if beside else "one image"
    if asked.unit != "image":
        given = f"the images of a {asked.unit}, {_pooled(folder)}{f', and {beside} beside each' if beside else ''}"
    if asked.positive:
        return f"From {given}, {name} gives the probability of “{asked.positive}”, the positive class{of}."
    return f"From {given}, {name} gives a probability for each of {len(asked.classes)} classes of {asked.name}."


def _pooled(folder: Folder) -> str:
    """How the images of a unit become one answer."""
    how = (folder.json("model/unit.json") or folder.recipe.get("evaluation") or {}).get("pool", "mean")
    return f"pooled by {POOLS.get(how, how)}"


def _whose(folder: Folder) -> str:
    """Whose model was scored, where the folder does not hold it."""
    return f"the model of {folder.path.resolve().parents[1].name}" if folder.inside else "a model"


def leaked(folder: Folder, asked: Asked) -> str:
    """The share of scored images that training has seen, where the split let that happen."""
    amount = folder.json("split.json", {}).get("leaked_share")
    return f"{share(amount)} of {part(asked.main)} images share a component with training: this score measures memory, too." if amount else ""
