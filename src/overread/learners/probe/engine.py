"""Whether the engine that reads features fast leaves the head's answers what they are on torch's float32 ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from overread.features.embed import Embedding
from overread.learners.probe.solver import Layers, Logits, Solved

MEAN, LARGEST = 0.01, 0.05
"""Change of a probability that is taken for speed, on average and of a single picture: bfloat16 moves logits by some 1e-2."""


@dataclass(frozen=True)
class Effect:
    """What the engine does to the probabilities of the pictures whose features are known both ways.

    Attributes
    ----------
    largest, mean : absolute differences; 0 where nothing was checked
    steps : whether the head goes in steps, as trees and neighbours do, so that a hair may move one picture far: the mean alone counts then
    """

    largest: float
    mean: float
    steps: bool

    @property
    def too_much(self) -> bool:
        return self.mean > MEAN or (self.largest > LARGEST and not self.steps)


def effect(solved: Solved, seen: Embedding) -> Effect:
    """Compare the head's probabilities on both readings."""
    if not len(seen.checked):
        return Effect(0.0, 0.0, steps=False)
    apart = np.abs(_probability(solved.logits(seen.features[seen.checked])) - _probability(solved.logits(seen.exact)))
    return Effect(float(apart.max()), float(apart.mean()), steps=not isinstance(solved.head, Layers))


def _probability(logits: Logits) -> NDArray[np.float64]:
    values = np.asarray(logits, dtype=np.float64)
    said: NDArray[np.float64] = expit(values) if values.shape[1] == 1 else softmax(values, axis=1)
    return said
