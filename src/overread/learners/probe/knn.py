"""The k nearest training pictures by the angle between features, each with one vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from overread.learners.probe.rows import Rows
from overread.learners.probe.solver import Logits

FILE = "neighbours.safetensors"

AT_ONCE = 1024
"""Rows whose neighbours are sought together."""


class Knn:
    """The strength is k."""

    def __init__(self, strengths: Sequence[float]) -> None:
        self.strengths = strengths

    def path(self, seen: Rows, held: NDArray[np.float32]) -> list[Logits]:
        memory = self.solve(seen, max(self.strengths), None)
        near = memory.nearest(held)
        return [memory.counted(near[:, : int(strength)]) for strength in self.strengths]

    def linked(self, said: Logits, rows: Rows) -> Logits:
        return said

    def solve(self, rows: Rows, strength: float, said: Logits | None) -> "Neighbours":
        votes = np.zeros((len(rows), rows.classes), np.float32)
        votes[np.arange(len(rows)), rows.codes] = rows.weights
        return Neighbours(_directions(rows.features), votes, int(strength))


@dataclass(frozen=True)
class Neighbours:
    """What is remembered.

    Attributes
    ----------
    directions : (n, d) float32, features of the training rows, each of length 1
    votes : (n, C) float32, each row's weight in the column of its class
    k : how many are asked
    """

    directions: NDArray[np.float32]
    votes: NDArray[np.float32]
    k: int

    def logits(self, features: NDArray[np.float32]) -> Logits:
        """Log of the classes' shares among the nearest, smoothed by one vote that is divided as the training rows are."""
        return self.counted(self.nearest(features))

    def nearest(self, features: NDArray[np.float32]) -> NDArray[np.intp]:
        """(m, k) places of the nearest training rows, the nearest first."""
        k = min(self.k, len(self.directions))
        found = np.empty((len(features), k), np.intp)
        for begin in range(0, len(features), AT_ONCE):
            away = -(_directions(features[begin : begin + AT_ONCE]) @ self.directions.T)
            close = np.argpartition(away, k - 1, axis=1)[:, :k]
            order = np.argsort(np.take_along_axis(away, close, axis=1), axis=1, kind="stable")
            found[begin : begin + AT_ONCE] = np.take_along_axis(close, order, axis=1)
        return found

    def counted(self, near: NDArray[np.intp]) -> Logits:
        """Logits of (m, k) neighbours' votes."""
        votes = self.votes[near].sum(axis=1, dtype=np.float64) + self.votes.sum(axis=0, dtype=np.float64) / self.votes.sum(dtype=np.float64)
        shares: NDArray[np.float64] = np.log(votes / votes.sum(axis=1, keepdims=True))
        return shares[:, 1:] - shares[:, :1] if shares.shape[1] == 2 else shares

    def save(self, folder: Path) -> None:
        tensors: dict[str, NDArray[Any]] = {"directions": self.directions, "votes": self.votes, "k": np.array([self.k], np.int64)}
        (folder / FILE).write_bytes(save(tensors))

    @classmethod
    def load(cls, folder: Path) -> "Neighbours":
        tensors = load_file(folder / FILE)
        return cls(tensors["directions"], tensors["votes"], int(tensors["k"][0]))


def _directions(features: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.ascontiguousarray(features / np.maximum(length, 1e-12), dtype=np.float32)
