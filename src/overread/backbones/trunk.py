"""A network below a head, with all that must be known to show it pictures and to make it again."""

from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import torch
from torch import Tensor, nn

from overread.backbones.blocks import Blocks
from overread.backbones.joint import Joint
from overread.backbones.pooling import Pool, check_pool, pooled
from overread.backbones.preprocess import Preprocess
from overread.errors import UserError


class Trunk(nn.Module):
    """A network below a head: pictures to pooled features.

    Attributes
    ----------
    name : str
    network : torch.nn.Module
    preprocess : Preprocess
        How pictures are normalised before `forward`.
    origin, sha256 : str
        Where the weights come from and their hash; "scratch" and "" for random ones.
    pool : str
        How one vector is made of a picture; see `overread.backbones.pooling.pooled`.
    features : int
        Width d of the pooled features.
    blocks : Blocks
        Named stages and blocks.
    """

    def __init__(
        self,
        name: str,
        network: nn.Module,
        preprocess: Preprocess,
        origin: str = "scratch",
        sha256: str = "",
        pool: Pool = "own",
        members: Sequence["Trunk"] = (),
    ) -> None:
        super().__init__()
        check_pool(network, pool, name)
        self.name = name
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.preprocess = preprocess
        self.origin = origin
        self.sha256 = sha256
        self.pool = pool
        self._members = tuple(members)
        self.features = self._width()
        self.blocks = Blocks.of(network)

    @property
    def members(self) -> tuple["Trunk", ...]:
        """The trunks whose features stand one after the other in this one's; of a plain trunk, itself."""
        return self._members or (self,)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size) normalised to (n, d)."""
        return pooled(self.network, pixels, self.pool)

    def told(self) -> dict[str, Any]:
        """What `overread.backbones.create.restore` makes this trunk again from, its weights apart; JSON can hold it."""
        own = {"name": self.name, "origin": self.origin, "sha256": self.sha256, "pool": self.pool}
        if not self._members:
            return own
        return {**own, "members": [{**member.told(), "preprocess": asdict(member.preprocess)} for member in self._members]}

    def _width(self) -> int:
        """Width of the pooled features, by trying one blank picture: a size that does not fit is found here."""
        training, size = self.network.training, self.preprocess.size
        self.network.eval()
        try:
            with torch.no_grad():
                features = self(torch.zeros(1, 3, size, size))
        except (RuntimeError, AssertionError, ValueError, IndexError) as fault:
            raise unfit(self.name, size, fault) from None
        finally:
            self.network.train(training)
        if features.ndim != 2:
            raise UserError(f"{self.name} gives {tuple(features.shape)} for a picture, not pooled features (1, d)", "backbone", "pool in its forward")
        return int(features.shape[1])


def side_by_side(members: Sequence[Trunk]) -> Trunk:
    """One trunk of several, which share its parameters; pictures are normalised as the first one's are."""
    network = Joint([member.network for member in members], [member.pool for member in members], [member.preprocess for member in members])
    hashes = [member.sha256 for member in members]
    return Trunk(
        name=" + ".join(member.name for member in members),
        network=network,
        preprocess=members[0].preprocess,
        origin=" + ".join(dict.fromkeys(member.origin for member in members)),
        sha256=sha256(" ".join(hashes).encode()).hexdigest() if any(hashes) else "",
        members=members,
    )


def unfit(name: str, size: int, fault: Exception) -> UserError:
    """The error of a network that cannot take pictures of a size, with the network's own words."""
    reason = str(fault).splitlines()[0][:120] if str(fault) else type(fault).__name__
    return UserError(
        f"{name} cannot take pictures of {size} px: {reason}", "image.size", "leave it out for the weights' own, or try a multiple of 32"
    )
