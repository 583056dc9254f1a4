"""Every check there is, asked of one set of data, the gravest answer first."""

from overread.audit.base import Check, Context
from overread.findings import Finding, Severity
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
        is affected come before what follows from them; of two alike the larger effect is first.
    """
    checks: dict[str, Check] = {name: CHECKS.get(name) for name in CHECKS.names()}
    asked = {name: check for name, check in checks.items() if check.cheap or not cheap}
    findings: list[Finding] = []
    for number, (name, check) in enumerate(asked.items(), start=1):
        note(f"check {number} of {len(asked)}: {name}")
        findings += check(context)
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[int, int, bool, float]:
    """Sort key: raised, undecided, passed; severity; a leak's extent before its consequences; the size of the effect."""
    state = {False: 0, None: 1, True: 2}[finding.passed]
    name, value = (finding.effect.name, finding.effect.value) if finding.effect and not state else ("", 0.0)
    return state, -list(Severity).index(finding.severity), finding.severity is Severity.LEAK and not name.startswith("share"), -value
