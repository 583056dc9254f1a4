"""A backbone's design by its name: one of the house's, or an image model of timm with what timm says of it."""

from typing import Any

from torch import nn

from overread.backbones.models.base import Design
from overread.backbones.pooling import Pool
from overread.backbones.preprocess import Preprocess, three
from overread.backbones.torchvision import timm
from overread.backbones.trunk import unfit
from overread.errors import UserError, nearest
from overread.registry import BACKBONES


def design(name: str, size: int | None, pool: Pool) -> Design:
    """The network, not filled yet, and what must be known to fill it.

    Raises
    ------
    UserError
        No such backbone, or a size it cannot take.
    """
    if name in BACKBONES.names():
        known: Design = BACKBONES.get(name)(size)
        return known
    told = facts(name)
    preprocess = Preprocess(size or told.input_size[-1], three(told.mean), three(told.std))
    heads = (told.classifier,) if isinstance(told.classifier, str) else tuple(told.classifier or ())
    return Design(timm_network(name, size, pool), preprocess, classifier=tuple(f"{head}." for head in heads))


def timm_network(name: str, size: int | None, pool: Pool, pretrained: bool = False) -> nn.Module:
    """timm's network, pooled as its authors do if `pool` is "own"; those built for one size are told it at creation."""
    sized: dict[str, Any] = {"img_size": size} if size and facts(name).fixed_input_size else {}
    try:
        network: nn.Module = timm.create_model(name, pretrained=pretrained, num_classes=projection(name) if pool == "own" else 0, **sized)
    except (AssertionError, IndexError, ValueError) as fault:
        raise unfit(name, size or 0, fault) from None
    _check_patches(network, name, size)
    return network


def projection(name: str) -> int:
    """Width of the projection into the space that CLIP's pictures and texts share; 0 for all other networks, and fine-tuned towers."""
    if name in BACKBONES.names():
        return 0
    told = facts(name)
    tower = "clip" in f"{name}.{told.tag}" and "_ft_" not in f"{name}.{told.tag}"
    return int(told.num_classes) if tower else 0


def facts(name: str) -> timm.models.PretrainedCfg:
    """What timm knows of a model and its weights.

    Raises
    ------
    UserError
        There is none of that name.
    """
    if not timm.is_model(name):
        raise UserError(f"no backbone {name!r}", "backbone.name", f"{nearest(name, _near(name))}, or any image model of timm")
    try:
        return timm.get_pretrained_cfg(name) or timm.models.PretrainedCfg(input_size=(3, 224, 224))
    except RuntimeError:
        tags = timm.list_pretrained(f"{name.partition('.')[0]}.*")
        raise UserError(f"timm has no weights {name!r}", "backbone.name", nearest(name, tags)) from None


def _near(name: str) -> list[str]:
    """The house's backbones, and timm's that begin alike."""
    stem = name.replace("-", "_").partition(".")[0]
    return [*BACKBONES.names(), *timm.list_models(f"{stem[:6]}*")[:20]]


def _check_patches(network: nn.Module, name: str, size: int | None) -> None:
    """A vision transformer would leave out the strip of the picture that makes no whole patch; Meta's and this house's refuse."""
    cut = getattr(network, "patch_embed", None)
    patch = getattr(cut, "patch_size", (1, 1))[0] if isinstance(network, timm.models.VisionTransformer) else 1
    if size and size % patch:
        below = max(size // patch, 1) * patch
        raise UserError(
            f"{name} cannot take pictures of {size} px: its patches have {patch} px",
            "image.size",
            f"take a multiple of {patch}, such as {below} or {below + patch}",
        )
