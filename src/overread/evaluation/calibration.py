"""Whether the probabilities may be read as such: a slope clearly below one means that they are too sure of themselves."""

from collections.abc import Mapping
from typing import Any

from overread.findings import Effect, Finding, Severity


def on_calibration(entry: Mapping[str, Any], name: str) -> list[Finding]:
    """The finding on one split's entry of `metrics.json`; none for a target without a calibration slope or where it has no interval.

    Slope as in Van Calster et al. 2019: below 1 the probabilities are too extreme, which calibration on few validation cases, chosen
    together with the epoch, often leaves behind.
    """
    slope = entry["metrics"].get("calibration_slope")
    if not slope or slope["low"] is None:
        return []
    effect = Effect("calibration slope", slope["value"], slope["low"], slope["high"], entry["n"])
    shown = f"calibration slope {slope['value']:.2f}, 95 % interval {slope['low']:.2f} to {slope['high']:.2f}; 1 is right"
    if slope["high"] >= 1:
        return [Finding("calibration", "run", Severity.INFO, True, f"The probabilities of {name} are not shown to be too extreme ({shown}).", effect)]
    sentence = f"The probabilities of {name} are too extreme ({shown}): read them as ranks."
    if slope["high"] < 0:
        sentence = f"The probabilities of {name} point the wrong way ({shown}): the higher they are, the rarer the class."
    remedy = "Give validation more cases, or recalibrate on a larger local sample (overread evaluate RUN --data ...)."
    return [Finding("calibration", "run", Severity.LOW, False, sentence, effect, remedy=remedy)]
