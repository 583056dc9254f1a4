"""Every check there is, asked of one set of data, the gravest answer first."""

from overread.audit.base import Check, Context
from overread.findings import Effect, Finding, Severity
from overread.progress import note
from overread.registry import CHECKS


def read_data(context: Context, cheap: bool = False) -> list[Finding]:
    """Run the checks and put what they found in order.

    Parameters
    ----------
    context : Context
    cheap : bool
        Only the checks that read no picture and train no model, as `overread train` does before it begins.

    Returns
    -------
    list of Finding
        What was raised by severity; then what could not be decided; then what passed. Of leaks, those that say which share of the images
        is affected come before what follows from them; of two alike the larger effect is first, see `_size`.
    """
    checks: dict[str, Check] = {name: CHECKS.get(name) for name in CHECKS.names()}
    asked = {name: check for name, check in checks.items() if check.cheap or not cheap}
    findings: list[Finding] = []
    for number, (name, check) in enumerate(asked.items(), start=1):
        note(f"check {number} of {len(asked)}: {name}")
        findings += check(context)
    return sorted(findings, key=rank)


def rank(finding: Finding) -> tuple[int, int, bool, float]:
    """Sort key: raised, undecided, passed; severity; a leak's extent before its consequences; the size of the effect."""
    state = {False: 0, None: 1, True: 2}[finding.passed]
    consequence = finding.severity is Severity.LEAK and not (finding.effect and finding.effect.name.startswith("share"))
    return state, -list(Severity).index(finding.severity), not state and consequence, 0.0 if state else -_size(finding.effect)


def _size(effect: Effect | None) -> float:
    """A share; of an AUROC the square of Somers' D, as the share of variance that a correlation explains; 0 of a number of components."""
    if effect is None or effect.name.startswith("components"):
        return 0.0
    return (2 * effect.value - 1) ** 2 if effect.name.startswith("AUROC") else effect.value
