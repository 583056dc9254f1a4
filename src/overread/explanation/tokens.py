"""A vision transformer's tokens as a map: those of the patches, laid back on the grid that they were cut from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn


@dataclass(frozen=True)
class Grid:
    """Where the tokens of a transformer belong.

    Attributes
    ----------
    where : str
        Full name of the transformer in the network, "" if it is the network.
    tall, wide : int
        Patches down and across.
    prefix : int
        Tokens before those of the patches, which have no place: class token, registers.
    """

    where: str
    tall: int
    wide: int
    prefix: int

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether an output (n, tokens, d) has a token for every patch, with the prefix or without."""
        return len(shape) == 3 and self.tall == self.wide > 1 and shape[1] - self.tall * self.wide in (0, self.prefix)

    def lay(self, tokens: Tensor) -> Tensor:
        """(n, tokens, d) to (n, d, h, w), the prefix left out."""
        patches = tokens[:, tokens.shape[1] - self.tall * self.wide :]
        return patches.transpose(1, 2).reshape(len(patches), -1, self.tall, self.wide)

    def default(self, names: Sequence[str]) -> str | None:
        """The last module before the last attention: its norm in most. Above it, a score that reads the class token knows no patches.

        Parameters
        ----------
        names : every module that gives a tensor, in the order they finish
        """
        block = max((step for name in names if (step := self._block(name)) is not None), default=None)
        last = f"{self._begin}blocks.{block}."
        attention = f"{last}attn." if any(name.startswith(f"{last}attn.") for name in names) else last
        first = next((place for place, name in enumerate(names) if name.startswith(attention)), 0)
        return names[first - 1] if first else None

    @property
    def _begin(self) -> str:
        return f"{self.where}." if self.where else ""

    def _block(self, name: str) -> int | None:
        steps = name.removeprefix(self._begin).split(".")
        return int(steps[1]) if name.startswith(f"{self._begin}blocks.") and steps[1].isdigit() else None


def grid_of(network: nn.Module, name: str, size: tuple[int, int]) -> Grid | None:
    """The grid that a module's tokens lie on, by the vision transformer it is part of (timm's: ViT, DeiT, CLIP, DINOv2 and 3, EVA); else none.

    Parameters
    ----------
    network : torch.nn.Module
    name : full name of a module
    size : height and width of the pictures
    """
    steps = name.split(".")
    for end in reversed(range(len(steps))):
        where = ".".join(steps[:end])
        part: Any = network.get_submodule(where)
        prefix, cut = getattr(part, "num_prefix_tokens", None), getattr(part, "patch_embed", None)
        if isinstance(prefix, int) and hasattr(cut, "dynamic_feat_size"):
            tall, wide = cast(Any, cut).dynamic_feat_size(size)
            return Grid(where, tall, wide, prefix)
    return None
