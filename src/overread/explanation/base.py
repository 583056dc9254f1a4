"""What a heat map is, and what every method that draws one offers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

if TYPE_CHECKING:
    from torch import Tensor, nn


FINE = 9
"""Places a cell's edge is divided into when a peak is sought; odd, so that its middle is one of them."""


@dataclass(frozen=True)
class Heat:
    """Heat maps of some pictures, as the method gave them: nothing is stretched, so that two of them compare.

    Attributes
    ----------
    maps : (n, h, w) float32, at least 0
        Evidence for a class by place, in units of its logit; the whole of the square that the network saw, at the layer's resolution.
    scores : (n,) float32
        The logit of that class, a constant of the output layer included.
    codes : (n,) int64
        The class that each map speaks for, as a place in the target's classes.
    layer : str
        Whose output the maps are of; where several networks explain at different ones, all of them.
    """

    maps: NDArray[np.float32]
    scores: NDArray[np.float32]
    codes: NDArray[np.int64]
    layer: str

    @classmethod
    def join(cls, heats: Sequence["Heat"]) -> "Heat":
        """The maps of several batches, in order; all of one height and width."""
        maps, scores, codes = (np.concatenate(parts) for parts in zip(*((heat.maps, heat.scores, heat.codes) for heat in heats), strict=True))
        return cls(maps, scores, codes, " / ".join(dict.fromkeys(heat.layer for heat in heats)))

    def take(self, places: NDArray[np.intp]) -> "Heat":
        """Those at these places, in that order."""
        return replace(self, maps=self.maps[places], scores=self.scores[places], codes=self.codes[places])

    @property
    def peaks(self) -> NDArray[np.float32]:
        """(n,) the largest value of each map; 0 where nothing spoke for the class."""
        peaks: NDArray[np.float32] = self.maps.max(axis=(1, 2))
        return peaks

    @property
    def means(self) -> NDArray[np.float32]:
        """(n,) the mean of each map."""
        means: NDArray[np.float32] = self.maps.mean(axis=(1, 2))
        return means

    @property
    def places(self) -> NDArray[np.float64]:
        """(n, 2) where each map peaks: x and y as shares of the square's edge.

        Cells are coarse, so the peak is sought on a smooth surface over them, every cell a bump of the cubic B-spline; where one cell
        stands alone it is that cell's middle.
        """
        surfaces = zoom(self.maps, (1, FINE, FINE), order=3, prefilter=False, mode="grid-constant", grid_mode=True)
        tall, wide = surfaces.shape[1:]
        down, across = np.divmod(surfaces.reshape(len(surfaces), tall * wide).argmax(axis=1), wide)
        return np.stack([(across + 0.5) / wide, (down + 0.5) / tall], axis=1)


class Explanation(Protocol):
    """A member of `explanation/`."""

    def __call__(self, network: "nn.Module", pixels: "Tensor", codes: "Tensor", layer: str) -> Heat:
        """Explain one batch.

        Parameters
        ----------
        network : pixels to logits, (n, 1) of a binary target (of its positive class) or (n, C)
        pixels : (n, 3, size, size) float32, normalised
        codes : (n,) int64, the class to explain of each
        layer : name of a module of the network, as `layers.find` gives it
        """
        ...
