"""The order in which an epoch sees its rows: the seed alone decides it."""

from typing import Literal

import numpy as np


def order(codes: np.ndarray, balance: Literal["none", "weights", "sampler"], seed: int, epoch: int) -> np.ndarray:
    """Row numbers of one epoch: a permutation, or as many draws with every class equally likely."""
    draw = np.random.default_rng((seed, epoch))
    if balance != "sampler":
        return draw.permutation(len(codes))
    present, of, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return draw.choice(len(codes), len(codes), p=1 / (len(present) * counts[of]))
