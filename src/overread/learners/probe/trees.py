"""Gradient-boosted trees by XGBoost (Chen & Guestrin 2016); the number of rounds is chosen, and the model is its own JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overread.errors import UserError
from overread.learners.probe.rows import Rows
from overread.learners.probe.solver import Logits

FILE = "xgboost.json"

SETTINGS: dict[str, Any] = {"max_depth": 4, "eta": 0.05, "subsample": 0.8, "colsample_bytree": 0.2, "tree_method": "hist", "verbosity": 0}
"""Small trees on a fifth of the features each: pooled features say the same things many times over."""


def xgboost() -> ModuleType:
    """The library.

    Raises
    ------
    UserError
        It is not installed.
    """
    try:
        import xgboost
    except ImportError:
        raise UserError("XGBoost is not installed", "learner.head", "pip install 'overread[boost]'") from None
    return xgboost


class Trees:
    """The strength is the number of rounds."""

    def __init__(self, strengths: Sequence[float], threads: int | None, seed: int) -> None:
        self.strengths = strengths
        self.threads = threads
        self.seed = seed
        self.boosting = xgboost()

    def path(self, seen: Rows, held: NDArray[np.float32]) -> list[Logits]:
        """One run of the most rounds, asked after fewer of them."""
        grown = self.solve(seen, max(self.strengths), None)
        return [grown.logits(held, int(strength)) for strength in self.strengths]

    def linked(self, said: Logits, rows: Rows) -> Logits:
        return said

    def solve(self, rows: Rows, strength: float, said: Logits | None) -> "Grown":
        kind = {"objective": "binary:logistic"} if rows.outputs == 1 else {"objective": "multi:softprob", "num_class": rows.classes}
        told = {**SETTINGS, **kind, "seed": self.seed, **({"nthread": self.threads} if self.threads else {})}
        data = self.boosting.DMatrix(rows.features, rows.codes, weight=rows.weights, nthread=self.threads)
        return Grown(self.boosting.train(told, data, num_boost_round=int(strength)))


@dataclass(frozen=True)
class Grown:
    """Trees, as XGBoost's booster."""

    booster: Any

    def logits(self, features: NDArray[np.float32], rounds: int = 0) -> Logits:
        """Those after so many rounds, after all of them by default."""
        margins = self.booster.predict(xgboost().DMatrix(features), output_margin=True, iteration_range=(0, rounds))
        said: Logits = margins.reshape(len(features), -1)
        return said

    def save(self, folder: Path) -> None:
        (folder / FILE).write_bytes(self.booster.save_raw("json"))

    @classmethod
    def load(cls, folder: Path) -> "Grown":
        """The trees that `save` wrote; raises ValueError where the file is not theirs."""
        library = xgboost()
        booster = library.Booster()
        try:
            booster.load_model(bytearray((folder / FILE).read_bytes()))
        except library.core.XGBoostError as fault:
            raise ValueError(f"{FILE} is no model of XGBoost: {str(fault).splitlines()[0]}") from None
        return cls(booster)
