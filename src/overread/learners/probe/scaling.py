"""Features on one scale: standardised or whitened on the rows that are learnt from, and folded into the layer above."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from overread.errors import UserError

Scale = Literal["standardise", "whiten", "none"]

STILL = 1e-6
"""A column that spreads less than this, beside its mean and the widest column, is constant: what moves in it is rounding."""


@dataclass(frozen=True)
class Scaling:
    """(x - mean) @ matrix, or (x - mean) * matrix where it is one number a column.

    Attributes
    ----------
    mean : (d,) float64
    matrix : (d,) or (d, d) float64; 0 for a column that is constant
    """

    mean: NDArray[np.float64]
    matrix: NDArray[np.float64]

    @classmethod
    def fit(cls, features: NDArray[np.float32], kind: Scale) -> "Scaling":
        """The scaling of (n, d) features.

        `standardise`: mean 0, standard deviation 1 each. `whiten`: also uncorrelated, by the covariance of the standardised ones, shrunk
        towards the identity by as much as n and d ask for (Ledoit & Wolf 2004), as with few rows the small directions are noise.

        Raises
        ------
        UserError
            All columns are constant.
        """
        mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
        still = spread <= STILL * (np.abs(mean) + spread.max(initial=0.0))
        if still.all():
            raise UserError(
                "every feature is the same in all training images",
                "backbone",
                "look whether the images are blank (overread audit), or take other weights",
            )
        if kind == "none":
            return cls(np.zeros_like(mean), np.where(still, 0.0, 1.0))
        inverse = np.where(still, 0.0, 1 / np.where(still, 1.0, spread))
        if kind == "standardise":
            return cls(mean, inverse)
        shrunk, _ = ledoit_wolf((features - mean) * inverse, assume_centered=True)
        values, vectors = np.linalg.eigh(shrunk)
        return cls(mean, inverse[:, None] * (vectors / np.sqrt(np.maximum(values, values.max() * STILL))))

    def apply(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, d) scaled, in float32."""
        centred = features - self.mean.astype(np.float32)
        matrix = self.matrix.astype(np.float32)
        scaled: NDArray[np.float32] = np.multiply(centred, matrix, out=centred) if matrix.ndim == 1 else centred @ matrix
        return scaled

    def fold(self, weight: NDArray[np.float64], bias: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The layer (k, d), (k,) over features as they are that equals the given one over scaled features."""
        folded = weight * self.matrix if self.matrix.ndim == 1 else weight @ self.matrix.T
        return folded, bias - folded @ self.mean
