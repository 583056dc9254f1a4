"""What the label can be guessed from without the image: the file's facts, the acquisition, and the declared covariates."""

from overread.audit.base import Context, check
from overread.audit.evidence import table
from overread.audit.telling import Asked, Told, asked, by_column, by_columns, listed, varying
from overread.catalog import FACT, Catalog
from overread.evaluation.covariates import TELLING
from overread.evaluation.intervals import FEWEST
from overread.findings import Finding, Severity

ACQUISITION = ("modality", "manufacturer", "model", "detector", "intent", "kvp", "exposure", "exposure_time", "tube_current", "pixel_spacing")
"""What a DICOM header says of how the picture was made, beside the facts; it is asked of DICOM files alone."""

MEND = "Balance the data, crop or resave away what gives the label, or report figures within levels of it."


@check("guess")
def guess(context: Context) -> list[Finding]:
    """How well each column, and all together, tell the label: AUROC of models that saw no row of the component, 95 % interval.

    A single column is read by its levels; all together by an additive model and by boosted trees, which find what two columns tell only
    together, as one (the mean of their log-probabilities): none is chosen.
    """
    return [_of(context, name, number) for number, name in enumerate(context.catalog.targets)]


def _of(context: Context, name: str, number: int) -> Finding:
    question = asked(context, name)
    facts = [*context.catalog.facts, *_acquisition(context.catalog)]
    declared = [column for column in context.catalog.covariates if column != name]
    groups = {"file and device": varying(question.rows, facts), "covariates": varying(question.rows, declared)}
    columns = list(dict.fromkeys(column for group in groups.values() for column in group))
    if not columns:
        said = "The files say the same of themselves and no covariate varies: there is nothing but the image to tell the label from."
        return Finding("guess", "data", Severity.INFO, True, said)
    if not question.enough:
        said = f"A class of {name} has fewer than {FEWEST} components: what tells it without the image cannot be measured."
        return Finding("guess", "data", Severity.INFO, None, said)
    each = by_column(question, columns)
    sets = {"all of these together": columns} | {f"all of {what}": group for what, group in groups.items() if 1 < len(group) < len(columns)}
    told = [*(by_columns(question, group, what) for what, group in sets.items() if len(columns) > 1), *each]
    evidence = table(context, f"guess-{number + 1}" if number else "guess", listed(told, question.ask))
    return _said(question, name, _named(groups, each), each, told[0], evidence)


def _acquisition(catalog: Catalog) -> list[str]:
    """Columns that a DICOM header gave, where the pictures are DICOM."""
    form = f"{FACT}format"
    dicom = form in catalog.frame and (catalog.frame[form] == "DICOM").any()
    return [name for name in ACQUISITION if name in catalog.frame and name not in catalog.targets] if dicom else []


def _named(groups: dict[str, list[str]], each: list[Told]) -> str:
    """What is asked, in a few words."""
    if len(each) == 1:
        return each[0].what
    facts, covariates = (len(group) for group in groups.values())
    many = [f"{facts} fact{'s' * (facts > 1)} of the files"] * bool(facts) + [f"{covariates} covariate{'s' * (covariates > 1)}"] * bool(covariates)
    return " and ".join(many)


def _said(question: Asked, name: str, what: str, each: list[Told], whole: Told, evidence: list[str]) -> Finding:
    """What all columns reach, and the strongest alone."""
    effect = whole.effect("AUROC without pixels", len(question.rows))
    alone = f"; the strongest alone: {' and '.join(f'{one.what} {one.value:.2f}' for one in each[:2])}" if len(each) > 1 else ""
    if whole.least <= 0.5:
        quiet = f"Nothing is shown to tell {name} without the image: {what} reach{'es' * (len(each) == 1)} {whole.words}{alone}.{question.words}"
        return Finding("guess", "data", Severity.INFO, True, quiet, effect, evidence=evidence)
    commonest = question.rows[name].value_counts(normalize=True).iloc[0]
    right = f"{what} name{'s' * (len(each) == 1)} {whole.accuracy:.0%} of the images rightly, where the commonest class is {commonest:.0%}"
    how = "" if whole.least > TELLING else "a little "
    loud = f"{name} can be told {how}without the image: {right} ({whole.words}{alone}).{question.words}"
    severity = Severity.HIGH if whole.least > TELLING else Severity.LOW
    return Finding("guess", "data", severity, False, loud, effect, evidence=evidence, remedy=MEND)
