"""What each figure is called, how it is written and on which scale it is drawn."""

from dataclasses import dataclass, replace
from typing import Any

RANKING, DECIDING, CALIBRATION, OTHER = "Ranking", "Deciding", "Probabilities", "Other"


@dataclass(frozen=True)
class Measure:
    """One figure of merit.

    Attributes
    ----------
    label : its name in print
    group : the heading it stands under
    percent : written as a percentage
    scale : the ends of the line its interval is drawn on; None draws nothing
    mark : the value of a model that knows nothing, or of a perfectly calibrated one
    note : what it says, in one clause
    """

    label: str
    group: str = OTHER
    percent: bool = False
    scale: tuple[float, float] | None = None
    mark: float | None = None
    note: str = ""


UNIT, SIGNED = (0.0, 1.0), (-1.0, 1.0)

MEASURES = {
    "auroc": Measure("AUROC", RANKING, scale=UNIT, mark=0.5, note="a positive case ranks above a negative one; 0.5 is chance"),
    "auroc_delong": Measure("AUROC, DeLong", RANKING, scale=UNIT, mark=0.5, note="the same with DeLong's interval: each component has one case"),
    "average_precision": Measure("Average precision", RANKING, scale=UNIT, note="area under precision and recall; chance is the prevalence"),
    "sensitivity": Measure("Sensitivity", DECIDING, True, UNIT, note="positives that are called positive (recall)"),
    "specificity": Measure("Specificity", DECIDING, True, UNIT, note="negatives that are called negative"),
    "ppv": Measure("PPV", DECIDING, True, UNIT, note="positive calls that are right (precision), at the prevalence of these cases"),
    "npv": Measure("NPV", DECIDING, True, UNIT, note="negative calls that are right, at the prevalence of these cases"),
    "ppv_at_prevalence": Measure("PPV, stated prevalence", DECIDING, True, UNIT, note="at the prevalence that the recipe states"),
    "npv_at_prevalence": Measure("NPV, stated prevalence", DECIDING, True, UNIT, note="at the prevalence that the recipe states"),
    "accuracy": Measure("Accuracy", DECIDING, True, UNIT, note="calls that are right; depends on the prevalence"),
    "balanced_accuracy": Measure("Balanced accuracy", DECIDING, True, UNIT, note="mean sensitivity of the classes, whatever the prevalence"),
    "f1": Measure("F1", DECIDING, scale=UNIT, note="harmonic mean of precision and sensitivity"),
    "f1_macro": Measure("F1, macro", DECIDING, scale=UNIT, note="mean F1 of the classes"),
    "f1_weighted": Measure("F1, weighted", DECIDING, scale=UNIT, note="mean F1, classes weighted by their size"),
    "kappa": Measure("Cohen's kappa", DECIDING, scale=SIGNED, mark=0.0, note="agreement of call and truth beyond chance"),
    "kappa_quadratic": Measure(
        "Kappa, quadratic weights", DECIDING, scale=SIGNED, mark=0.0, note="a call two classes off costs four times one class off"
    ),
    "mcc": Measure("MCC", DECIDING, scale=SIGNED, mark=0.0, note="correlation of call and truth"),
    "brier": Measure("Brier score", CALIBRATION, scale=UNIT, note="squared error of the probability; lower is better"),
    "log_loss": Measure("Log loss", CALIBRATION, note="mean surprise at the truth, in nats; lower is better"),
    "ece": Measure("ECE", CALIBRATION, scale=UNIT, note="mean gap of stated and seen frequency; lower is better"),
    "calibration_slope": Measure(
        "Calibration slope", CALIBRATION, scale=(0.0, 2.0), mark=1.0, note="1 is right; below 1 the model is too sure of itself"
    ),
    "calibration_intercept": Measure(
        "Calibration intercept", CALIBRATION, scale=(-2.0, 2.0), mark=0.0, note="0 is right; above 0 risk is understated"
    ),
}

LEADS = ("auroc", "balanced_accuracy", "accuracy")
"""Figures that may stand first, the best first."""

BESIDE = {"binary": ("sensitivity", "specificity"), "multiclass": ("balanced_accuracy", "accuracy")}
"""Figures that stand beside the first, by the kind of target."""

SUBGROUPS = ("auroc", "sensitivity", "specificity", "balanced_accuracy", "accuracy")
"""Figures that a table of subgroups shows beside those, while it has room."""


def measure(name: str, several: bool = False) -> Measure:
    """The measure of a figure's key in `metrics.json`; an unknown key is its own label.

    Of `several` classes a ranking figure is the mean over them.
    """
    found = MEASURES.get(name) or Measure(name.replace("_", " "))
    if several and found.group == RANKING:
        chance = "; 0.5 is chance" if found.mark else ""
        return replace(found, label=f"{found.label}, mean of classes", note=f"mean over classes, each against the rest{chance}")
    return found


def grouped(figures: dict[str, Any]) -> dict[str, list[str]]:
    """Heading to the keys below it, headings and known keys in the order of this file."""
    keys = [*(key for key in MEASURES if key in figures), *(key for key in figures if key not in MEASURES)]
    groups = {heading: [key for key in keys if measure(key).group == heading] for heading in (RANKING, DECIDING, CALIBRATION, OTHER)}
    return {heading: keys for heading, keys in groups.items() if keys}
