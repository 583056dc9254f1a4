"""What weights expect of a picture: it belongs to them and travels with them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

Channels = tuple[float, float, float]

IMAGENET_MEAN: Channels = (0.485, 0.456, 0.406)
IMAGENET_STD: Channels = (0.229, 0.224, 0.225)
HALF: Channels = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class Preprocess:
    """Size and normalisation.

    Attributes
    ----------
    size : int
        Edge of the square in pixels.
    mean, std : (red, green, blue)
        In units of [0, 1]: a pixel becomes (value / 255 - mean) / std.
    """

    size: int
    mean: Channels = IMAGENET_MEAN
    std: Channels = IMAGENET_STD

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "Preprocess":
        """From what `dataclasses.asdict` gave, as JSON keeps it."""
        return cls(int(entry["size"]), three(entry["mean"]), three(entry["std"]))

    def told(self, metadata: dict[str, str]) -> "Preprocess":
        """The same, with the `mean` and `std` that a weights file names ("0.485,0.456,0.406"), if it does."""
        mean, std = (three(metadata[key].split(",")) if key in metadata else own for key, own in (("mean", self.mean), ("std", self.std)))
        return replace(self, mean=mean, std=std)

    def unit(self) -> "Preprocess":
        """The same size, pixels in [0, 1]."""
        return replace(self, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))

    def normalise(self, pictures: Tensor) -> Tensor:
        """Pixels as the network sees them.

        Parameters
        ----------
        pictures : (n, size, size, 3) uint8

        Returns
        -------
        (n, 3, size, size) float32, channels last in memory as the pictures are: nothing is moved
        """
        scale = torch.tensor([1 / (255 * std) for std in self.std], device=pictures.device)
        shift = torch.tensor([-mean / std for mean, std in zip(self.mean, self.std, strict=True)], device=pictures.device)
        return torch.addcmul(shift, pictures.float(), scale).permute(0, 3, 1, 2)


def three(values: Iterable[Any]) -> Channels:
    """Red, green and blue as floats."""
    red, green, blue = map(float, values)
    return red, green, blue
