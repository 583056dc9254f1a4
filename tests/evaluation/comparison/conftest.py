"""Made-up studies of several models on the same patients, whose merits are planted."""

from collections.abc import Callable

import numpy as np
import pytest

from overread.evaluation.comparison.differences import Scored
from overread.evaluation.counts import Cases


def score_patients(merits: tuple[float, ...], patients: int = 60, rows: int = 3, seed: int = 0, classes: int = 2) -> list[Scored]:
    """A model for each merit, all on the same images; a patient's images resemble each other, and models err on the same patients."""
    draw = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rows)
    truth = (np.arange(patients) % classes)[patient]
    hard = draw.normal(size=(patients, classes))[patient]
    models = []
    for merit in merits:
        noise = 0.5 * draw.normal(size=(patients, classes))[patient] + 0.7 * draw.normal(size=(patients * rows, classes))
        raw = np.exp(0.7 * hard + noise + merit * np.eye(classes)[truth])
        p = raw / raw.sum(1, keepdims=True)
        models.append(Scored(Cases(truth, p, p.argmax(1)), np.arange(patients * rows).astype(str), patient))
    return models


@pytest.fixture
def scored() -> Callable[..., list[Scored]]:
    """See `score_patients`."""
    return score_patients
