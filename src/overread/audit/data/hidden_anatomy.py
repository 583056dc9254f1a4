"""What the label can be guessed from with the anatomy hidden, as far as it can be: the border, the corners, a thumbnail, the histogram."""

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.evidence import sheet, table
from overread.audit.telling import PICTURES, Asked, Told, asked, by_features, listed
from overread.audit.views import VIEWS, seen
from overread.evaluation.covariates import TELLING
from overread.evaluation.intervals import FEWEST
from overread.findings import Finding, Severity

EDGES = ("the border (outer 5%)", "the four corners")
"""Views in which a disease should not show, unless the crop is so tight that the anatomy reaches the edge; in the others it may."""


@check("hidden-anatomy")
def hidden_anatomy(context: Context) -> list[Finding]:
    """How well each view tells the label: AUROC of forests that saw no picture of the component, with its interval.

    A border or a corner that tells it is a marker, a device or a crop (Zech et al. 2018; Maguolo & Nanni 2021 hid the lungs and still
    told COVID-19). A thumbnail and a histogram are the floor that a network must beat: a disease may show in them.
    """
    return [finding for number, name in enumerate(context.catalog.targets) for finding in _of(context, name, number)]


def _of(context: Context, name: str, number: int) -> list[Finding]:
    question = asked(context, name, PICTURES)
    if not question.enough:
        said = f"A class of {name} has fewer than {FEWEST} components: what tells it with the anatomy hidden cannot be measured."
        return [Finding("hidden-anatomy", "data", Severity.INFO, None, said)]
    views = seen(context, question.rows, *VIEWS)
    told = [by_features(question, features, view) for view, features in views.items()]
    file = f"hidden-anatomy-{number + 1}" if number else "hidden-anatomy"
    evidence = table(context, file, listed(told, question.ask))
    edges = [one for one in told if one.what in EDGES]
    beside = _side_by_side(context, question, name, file) if max(one.least for one in edges) > 0.5 else []
    return [_edges(question, name, edges, [*evidence, *beside]), _coarse(question, name, [one for one in told if one not in edges], evidence)]


def _side_by_side(context: Context, question: Asked, name: str, file: str) -> list[str]:
    """Six pictures of each of the first four classes, drawn at random, a class a line."""
    of = [question.rows[question.rows[name] == one].sample(6, random_state=context.seed) for one in question.classes[:4]]
    return sheet(context, file, pd.concat(of)["row"])


def _edges(question: Asked, name: str, told: list[Told], evidence: list[str]) -> Finding:
    best = max(told, key=lambda one: one.value)
    effect = best.effect(f"AUROC of {best.what}", len(question.rows))
    if best.least <= 0.5:
        quiet = f"Nothing at the edge of the picture is shown to tell {name}: {_both(told)}.{question.words}"
        return Finding("hidden-anatomy", "data", Severity.INFO, True, quiet, effect, evidence=evidence)
    how = "is told" if best.least > TELLING else "is told a little"
    loud = f"{name} {how} from the edge of the picture alone: {_both(told)}.{question.words}"
    mend = (
        "Look at the edges of the classes side by side. A marker, a device, a frame or a crop is a shortcut: cut or mask it, or balance what "
        "differs. Where the crop is so tight that the anatomy reaches the edge, it may be the disease itself."
    )
    severity = Severity.HIGH if best.least > TELLING else Severity.LOW
    return Finding("hidden-anatomy", "data", severity, False, loud, effect, evidence=evidence, remedy=mend)


def _coarse(question: Asked, name: str, told: list[Told], evidence: list[str]) -> Finding:
    """A thumbnail and a histogram are no shortcut by themselves, so that what they tell is never more than worth knowing."""
    best = max(told, key=lambda one: one.value)
    effect = best.effect(f"AUROC of {best.what}", len(question.rows))
    if best.least <= TELLING:
        quiet = f"No detail-free view tells {name} well: {_both(told)}.{question.words}"
        return Finding("hidden-anatomy", "data", Severity.INFO, True, quiet, effect, evidence=evidence)
    loud = f"{name} is told without any detail: {_both(told)}.{question.words}"
    mend = (
        "Take it as the floor: a network that does not clearly beat it has not been shown to read detail. It need not be a shortcut: exposure, "
        "device and crop change the brightness or the shape of the whole, but so may a disease."
    )
    return Finding("hidden-anatomy", "data", Severity.LOW, False, loud, effect, evidence=evidence, remedy=mend)


def _both(told: list[Told]) -> str:
    """Each view with its figure, the best with its interval."""
    best, *rest = sorted(told, key=lambda one: -one.value)
    return ", ".join([f"{best.what} {best.words}", *(f"{one.what} {one.value:.2f}" for one in rest)])
