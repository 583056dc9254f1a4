"""From a learner's raw scores to calibrated probabilities and decisions; what does it is fitted on validation rows alone."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from overread.catalog import Catalog, Target
from overread.evaluation.decision import Decision, fit_decision
from overread.learners.base import Model
from overread.recipe import Evaluation, TargetSensitivity
from overread.run import Run


def foresee(model: Model, catalog: Catalog, *splits: str) -> pd.DataFrame:
    """Predict the counted rows of these splits: `row`, `split`, `truth:T`, `raw:T:C`."""
    part = catalog.part(*splits)
    truth = part.frame[["row", "split", *part.targets]].rename(columns={name: f"truth:{name}" for name in part.targets})
    return truth.merge(model.predict(part), on="row", validate="one_to_one")


def fit_decisions(predictions: pd.DataFrame, targets: Mapping[str, Target], plan: Evaluation) -> dict[str, Decision]:
    """Calibration and threshold of every target, from the rows whose split is val."""
    rows = predictions[predictions["split"] == "val"]
    threshold = plan.threshold.sensitivity if isinstance(plan.threshold, TargetSensitivity) else plan.threshold
    return {
        name: fit_decision(raw(rows, name, target), target.encode(rows[f"truth:{name}"]), target, threshold=threshold, calibrate=plan.calibrate)
        for name, target in targets.items()
    }


def kept(run: Run) -> dict[str, Decision]:
    """Calibration and threshold of every target, as a finished run keeps them."""
    return {name: Decision.from_dict(entry) for name, entry in run.json("model/decision.json").items()}


def as_given(targets: Mapping[str, Target], note: str) -> dict[str, Decision]:
    """Probabilities as they are, decided at one half or for the likeliest class: without validation rows nothing may be fitted."""
    return {
        name: Decision("none", 1.0, [0.0] * len(target.classes), 0.5, "one half", 0, note)
        if target.kind == "binary"
        else Decision("none", 1.0, [0.0] * len(target.classes), None, "likeliest class", 0, note)
        for name, target in targets.items()
    }


def judge(predictions: pd.DataFrame, targets: Mapping[str, Target], decisions: Mapping[str, Decision]) -> pd.DataFrame:
    """The predictions with `p:T:C` and `decision:T` added; where `oracle:T:C` stand among them `oracle-p:T:C` and `oracle-decision:T`, too."""
    columns: dict[str, np.ndarray] = {}
    for name, target in targets.items():
        for said, prefix in (("raw", ""), ("oracle", "oracle-")):
            if f"{said}:{name}:{target.classes[0]}" not in predictions:
                continue
            p = decisions[name].probabilities(raw(predictions, name, target, said))
            columns |= {f"{prefix}p:{name}:{cls}": p[:, i] for i, cls in enumerate(target.classes)}
            called = target.decode(decisions[name].decide(p))
            if said == "oracle":
                called[np.isnan(p).any(1)] = None
            columns[f"{prefix}decision:{name}"] = called
    return predictions.assign(**columns)


def raw(predictions: pd.DataFrame, name: str, target: Target, said: str = "raw") -> np.ndarray:
    """(n, C) float64 logits of one target."""
    return predictions[[f"{said}:{name}:{cls}" for cls in target.classes]].to_numpy(dtype=np.float64)
