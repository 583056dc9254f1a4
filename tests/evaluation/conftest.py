"""Made-up studies whose truth is known: patients of several images that resemble each other."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from overread.catalog import Target
from overread.evaluation.counts import Cases
from overread.evaluation.decision import Decision, fit_decision

BINARY = Target("binary", ("healthy", "ill"), "ill")


@pytest.fixture
def cases() -> Callable[..., Cases]:
    """n independent cases of some classes; rounded probabilities make ties."""

    def make(n: int = 200, classes: int = 2, seed: int = 0, digits: int = 2, separation: float = 1.0) -> Cases:
        draw = np.random.default_rng(seed)
        truth = draw.integers(0, classes, n)
        p = softmax(draw.normal(size=(n, classes)) + separation * np.eye(classes)[truth], axis=1).round(digits)
        p[:, 0] = 1 - p[:, 1:].sum(1)
        return Cases(truth, p, p.argmax(1))

    return make


class Study(NamedTuple):
    predictions: pd.DataFrame
    target: Target
    clusters: pd.Series
    decision: Decision
    covariates: pd.DataFrame

    def arguments(self, **more: Any) -> dict[str, Any]:
        plain = {"decision": self.decision, "grade": "patient-safe", "covariates": self.covariates, "prevalence": None, "draws": 200, "seed": 0}
        return plain | more


@pytest.fixture
def study() -> Callable[..., Study]:
    """Predictions of n images of some patients, each wholly of one class, as a run writes them."""

    def make(target: Target = BINARY, n: int = 240, patients: int = 80, seed: int = 0, separation: float = 1.5) -> Study:
        draw = np.random.default_rng(seed)
        size = len(target.classes)
        patient = np.arange(n) % patients
        truth = (np.arange(patients) % size)[patient]
        raw = draw.normal(size=(n, size)) + draw.normal(size=(patients, size))[patient] + separation * np.eye(size)[truth]
        raw[:, 1] += 0.7
        if size == 2:
            raw = np.stack([np.zeros(n), raw[:, 1] - raw[:, 0]], 1)
        decision = fit_decision(raw[: n // 2], truth[: n // 2], target)
        p = decision.probabilities(raw)
        row = np.arange(n).astype(str)
        frame = pd.DataFrame({"row": row, "split": "test", "truth:dx": target.decode(truth), "decision:dx": target.decode(decision.decide(p))})
        for i, label in enumerate(target.classes):
            frame[f"raw:dx:{label}"], frame[f"p:dx:{label}"] = raw[:, i], p[:, i]
        clusters = pd.Series([f"c{i}" for i in patient], index=row)
        covariates = pd.DataFrame({"sex": np.array(["f", "m", ""])[patient % 3], "age": draw.normal(60, 15, patients)[patient]}, index=row)
        return Study(frame, target, clusters, decision, covariates)

    return make
