"""The pictures of one split's predictions: which are apt, what they are called, and what they say."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from overread.catalog import Target
from overread.evaluation.counts import Cases
from overread.evaluation.decision import Decision
from overread.evaluation.evaluate import as_cases
from overread.evaluation.figures.curves import precision_recall, roc
from overread.evaluation.figures.panels import confusion, decision_curve, reliability, threshold_curve


def draw(
    predictions: pd.DataFrame, name: str, target: Target, decision: Decision | None, clusters: pd.Series, folder: Path, cases_are: str = "images"
) -> list[dict[str, str]]:
    """Draw every picture that is apt for a target.

    Parameters
    ----------
    predictions : the rows of one split, as `evaluate` takes them
    decision : marks the chosen threshold; None where folds each had their own
    clusters : component of each row, indexed by `row`; the bands are drawn over them
    folder : where the SVG files go; it must exist
    cases_are : what is counted, as a reader says it: images, studies, patients

    Returns
    -------
    list of {file, title, caption}
        `file` is relative to what holds the folder, as ``figures/dx-roc.svg`` is to a run. Curves are left out where a class is absent
        from the truth.
    """
    rows = predictions[target.encode(predictions[f"truth:{name}"]) >= 0]
    cases = as_cases(rows, name, target)
    cluster = clusters.reindex(rows["row"]).to_numpy()
    threshold = decision.threshold if decision else None
    pictures: list[tuple[str, str, str, Callable[[Path], None]]] = [
        (
            "confusion",
            "Confusion matrix",
            f"{cases_are.capitalize()} by what they are (rows) and what they were called (columns); the share is of the row.",
            lambda path: confusion(cases.truth, cases.decision, target.classes, path),
        )
    ]
    if len(np.unique(cases.truth)) == len(target.classes):
        pictures += _binary(cases, cluster, threshold, target, cases_are) if target.kind == "binary" else _several(cases, cluster, target, cases_are)
    drawn = []
    for stem, title, caption, paint in pictures:
        file = f"{slug(name)}-{stem}.svg"
        paint(folder / file)
        drawn.append({"file": f"{folder.name}/{file}", "title": title, "caption": caption})
    return drawn


def _binary(
    cases: Cases, cluster: np.ndarray, threshold: float | None, target: Target, cases_are: str
) -> list[tuple[str, str, str, Callable[[Path], None]]]:
    score, truth, positive = cases.score, cases.truth, target.classes[1]
    shaded = "The shade is the pointwise 95% interval over components"
    mark = "; the ring is the chosen threshold" if threshold is not None else ""
    share = truth.mean()
    return [
        ("roc", "ROC curve", f"{shaded}{mark}. On the diagonal the score tells nothing.", lambda path: roc(cases, cluster, path, threshold)),
        (
            "precision-recall",
            "Precision and sensitivity",
            f"{shaded}{mark}. The dashed line is the share of {positive} here, {share:.0%}: precision without a model.",
            lambda path: precision_recall(cases, cluster, path, threshold),
        ),
        (
            "reliability",
            "Reliability",
            f"Observed share of {positive} against predicted probability, in groups of equal size, with 95% intervals over components. "
            f"Below: how often each probability was given to {positive} (up) and to {target.classes[0]} (down).",
            lambda path: reliability(
                truth, score, cluster, path, (f"predicted probability of {positive}", f"observed share of {positive}"), (positive, target.classes[0])
            ),
        ),
        (
            "threshold",
            "Threshold",
            f"What each threshold would do on these {cases_are}"
            + ("; the upright line is the threshold chosen on validation." if threshold is not None else "."),
            lambda path: threshold_curve(truth, score, path, threshold),
        ),
        (
            "decision-curve",
            "Decision curve",
            "Net benefit of acting on the model, against acting on all or on none (Vickers & Elkin 2006). "
            f"The threshold is the probability of {positive} at which one would act.",
            lambda path: decision_curve(truth, score, path, threshold),
        ),
    ]


def _several(cases: Cases, cluster: np.ndarray, target: Target, cases_are: str) -> list[tuple[str, str, str, Callable[[Path], None]]]:
    counts = np.bincount(cases.truth, minlength=len(target.classes))
    against = f"Each class against all others; the rarest, {target.classes[counts.argmin()]}, has {counts.min():,} of the {len(cases):,} {cases_are}."
    sure, right = cases.probability.max(1), (cases.probability.argmax(1) == cases.truth).astype(int)
    return [
        ("roc", "ROC curves", against, lambda path: roc(cases, cluster, path, None, target.classes)),
        (
            "precision-recall",
            "Precision and sensitivity",
            against,
            lambda path: precision_recall(cases, cluster, path, None, target.classes),
        ),
        (
            "reliability",
            "Reliability",
            "How often the likeliest class is the true one, against the probability it was given, in groups of equal size, with 95% intervals over "
            "components. Below: how often each probability was given, and the class was right (up) or wrong (down).",
            lambda path: reliability(
                right, sure, cluster, path, ("probability of the likeliest class", f"share of {cases_are} it is right in"), ("right", "wrong")
            ),
        ),
    ]


def slug(name: str) -> str:
    """A target's name as part of a file's name."""
    return "".join(letter if letter.isalnum() else "-" for letter in name)
