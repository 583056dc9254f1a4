"""Whether the probabilities may be read as such: spread as they should be (slope), and right on average (intercept)."""

from collections.abc import Mapping
from typing import Any

from overread.findings import Effect, Finding, Severity

REMEDY = "Give validation more cases of the kind that is scored, or recalibrate on a local sample (overread evaluate RUN --data ...)."


def on_calibration(entry: Mapping[str, Any], name: str) -> list[Finding]:
    """The findings on one split's entry of `metrics.json`; none for a target without these figures or where they have no interval.

    Slope and intercept (calibration in the large) as in Van Calster et al. 2019. A slope below 1 means probabilities that are too
    extreme, which calibration on few validation cases, chosen together with the epoch, often leaves behind; an intercept off 0, another
    mix of cases than validation had.
    """
    metrics = entry["metrics"]
    said = [(_slope, metrics.get("calibration_slope")), (_intercept, metrics.get("calibration_intercept"))]
    return [judge(figure, name, entry["n"]) for judge, figure in said if figure and figure["low"] is not None]


def _slope(slope: Mapping[str, Any], name: str, n: int) -> Finding:
    effect = Effect("calibration slope", slope["value"], slope["low"], slope["high"], n)
    shown = _shown(slope, "slope", 1)
    if slope["high"] >= 1:
        return Finding(
            "calibration-slope", "run", Severity.INFO, True, f"The probabilities of {name} are not shown to be too extreme ({shown}).", effect
        )
    sentence = f"The probabilities of {name} are too extreme ({shown}): read them as ranks."
    if slope["high"] < 0:
        sentence = f"The probabilities of {name} point the wrong way ({shown}): the higher they are, the rarer the class."
    return Finding("calibration-slope", "run", Severity.LOW, False, sentence, effect, remedy=REMEDY)


def _intercept(intercept: Mapping[str, Any], name: str, n: int) -> Finding:
    effect = Effect("calibration intercept", intercept["value"], intercept["low"], intercept["high"], n)
    shown = _shown(intercept, "intercept", 0)
    if intercept["low"] <= 0 <= intercept["high"]:
        return Finding(
            "calibration-intercept", "run", Severity.INFO, True, f"The probabilities of {name} are not shown to be off on average ({shown}).", effect
        )
    way = "high" if intercept["value"] < 0 else "low"
    sentence = f"The probabilities of {name} are too {way} on average ({shown}): these cases are another mix than validation's."
    return Finding("calibration-intercept", "run", Severity.LOW, False, sentence, effect, remedy=REMEDY)


def _shown(figure: Mapping[str, Any], what: str, right: int) -> str:
    shown = f"{figure['value']:.2f}, 95% interval {figure['low']:.2f} to {figure['high']:.2f}".replace("-", "−")
    return f"calibration {what} {shown}; {right} is right"
