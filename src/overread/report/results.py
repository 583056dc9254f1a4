"""What was measured, target by target: which figures lead, and which part of the data they speak of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overread.report.folder import Folder
from overread.report.measures import BESIDE, LEADS, SUBGROUPS, measure
from overread.report.show import NO_INTERVAL, listed, plural

MAIN = ("test", "external", "all", "val")
"""Parts of the data whose figures may stand on the first screen, the best first."""

PARTS = {
    "train": "training",
    "val": "validation",
    "test": "test",
    "external": "unchanged model",
    "external_recalibrated": "recalibrated model, rows not used for it",
    "external_same_rows": "unchanged model, the same rows",
}


BARE = {"positive", "negative", "yes", "no", "true", "false", "0", "1"}
"""Names of classes that do not say what is present or absent."""

FEW = NO_INTERVAL.removeprefix("no interval: ")


@dataclass(frozen=True)
class Asked:
    """One question that the model answers, and what was measured of the answers.

    Attributes
    ----------
    splits : part of the data to its entry of `metrics.json`
    main : the part that the first screen speaks of
    decision : how probabilities became calls, as saved; empty where that was not told
    pooled : the figures pool several splits, each scored by a model of its own
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    positive: str | None
    splits: dict[str, dict[str, Any]]
    main: str
    decision: dict[str, Any]
    pooled: bool

    @property
    def entry(self) -> dict[str, Any]:
        return self.splits[self.main]

    @property
    def negative(self) -> str | None:
        return next((name for name in self.classes if name != self.positive), None) if self.positive else None

    @property
    def question(self) -> str:
        """What is asked of an image, the positive class first."""
        return question(self.name, [self.positive, self.negative or ""] if self.positive else self.classes)

    @property
    def unit(self) -> str:
        """What is counted: image, study or patient."""
        return str(self.entry.get("unit") or "image")

    @property
    def lead(self) -> str:
        """The key of the figure that stands first."""
        figures = self.entry["metrics"]
        return next((key for key in LEADS if key in figures), next(iter(figures), ""))

    @property
    def leading(self) -> dict[str, Any]:
        """The figure that stands first."""
        return self.entry["metrics"].get(self.lead) or {"value": None, "low": None, "high": None}

    @property
    def once(self) -> bool:
        """Whether the confusion matrix counts every case once: pooled repeats do not."""
        return sum(map(sum, self.entry.get("confusion") or [])) == self.entry.get("n")

    @property
    def beside(self) -> list[str]:
        """The keys of the figures that stand beside it; of studies and patients also kappa, which such readings are compared by."""
        keys = (*BESIDE["binary" if self.positive else "multiclass"], *(("kappa",) if self.unit != "image" else ()))
        return [key for key in keys if key in self.entry["metrics"] and key != self.lead]

    @property
    def by_part(self) -> list[str]:
        """The keys of the figures that a table of subgroups has room for."""
        held = {key for levels in (self.entry.get("subgroups") or {}).values() for group in levels.values() for key in figures(group)}
        return [key for key in dict.fromkeys((self.lead, *self.beside, *SUBGROUPS)) if key in held][: 3 + (self.unit != "image" or not self.positive)]

    @property
    def scored(self) -> str:
        """What was scored, in words."""
        return part(self.main) if self.external else f"{part(self.main)} {plural(self.unit)}"

    @property
    def external(self) -> bool:
        return self.main == "external"

    def called(self, key: str) -> str:
        """A figure's name for this target."""
        return measure(key, several=not self.positive).label

    @property
    def threshold(self) -> str:
        """The sentence on the threshold; blank where there is no single one."""
        value = self.decision.get("threshold")
        if not isinstance(value, float):
            return ""
        if self.decision.get("rule") == "one half":
            return f"Called {self.positive} from a probability of {value:.3f}; no threshold was chosen on validation."
        if self.pooled:
            return f"Each fold has a threshold of its own, from its validation part; that of the model that is kept is {value:.3f}."
        return f"Called {self.positive} from a probability of {value:.3f}, chosen on validation."

    def cases(self, key: str) -> str:
        """ "94 of 120" for a sensitivity or specificity, from the confusion matrix of the main part (rows are the truth)."""
        confusion = self.entry.get("confusion")
        if not self.positive or not confusion or not self.once or key not in ("sensitivity", "specificity"):
            return ""
        row = 1 if key == "sensitivity" else 0
        return f"{confusion[row][row]:,} of {sum(confusion[row]):,}"


def asked(folder: Folder) -> list[Asked]:
    """Every target of a folder that something was measured of."""
    names = list(dict.fromkeys(name for entries in folder.metrics.values() for name in entries))
    return [_asked(folder, name) for name in names]


def _asked(folder: Folder, name: str) -> Asked:
    splits = {split: entries[name] for split, entries in folder.metrics.items() if name in entries}
    main = next((split for split in MAIN if split in splits), next(iter(splits)))
    decision = splits[main].get("decision") or folder.json("model/decision.json", {}).get(name) or {}
    plan = folder.recipe.get("split", {})
    told = (splits, main, decision, main == "test" and bool(plan.get("folds") or plan.get("leave_site_out")))
    target = folder.catalog.targets.get(name) if folder.catalog else None
    if target:
        return Asked(name, target.kind, target.classes, target.positive, *told)
    classes = tuple(splits[main].get("classes_order") or splits[main].get("prevalence") or ())
    binary = len(classes) == 2 and "sensitivity" in splits[main]["metrics"]
    return Asked(name, "binary" if binary else "multiclass", classes, classes[-1] if binary else None, *told)


def figures(entry: Mapping[str, Any] | None) -> dict[str, Any]:
    """The figures of an entry, whether it holds them under `metrics` or is them."""
    if not entry:
        return {}
    inner = entry.get("metrics", entry)
    return {key: value for key, value in inner.items() if isinstance(value, Mapping) and "value" in value}


def usual(held: Mapping[str, Mapping[str, Any]], without: bool = False) -> str:
    """The way most of these figures got their interval, or why most of those `without` have none; blank where none says."""
    methods = Counter(str(figure["method"]) for figure in held.values() if figure.get("method") and (figure.get("low") is None) == without)
    return methods.most_common(1)[0][0].removeprefix("none: ") if methods else ""


def reasons(entries: Iterable[Mapping[str, Any]]) -> str:
    """Why figures of these entries have a value and no interval; blank where none is without."""
    bare = [
        str(one.get("method") or "") for entry in entries for one in figures(entry).values() if one["value"] is not None and one.get("low") is None
    ]
    told = dict.fromkeys("" if why.endswith("are needed") or not why else why.removeprefix("none: ") for why in bare)
    return "; ".join(sorted(why or FEW for why in told))


def question(name: str, classes: Sequence[str]) -> str:
    """What is asked: "fractured or intact?"; where the classes do not say of what, its name before them: "abnormal, positive or negative?"."""
    of = f"{name.replace('_', ' ')}, " if {one.casefold() for one in classes} <= BARE else ""
    return f"{of}{listed(classes, 'or')}?"


def part(split: str) -> str:
    """A part of the data in words."""
    return PARTS.get(split, split.replace("_", " "))
