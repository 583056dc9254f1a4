"""A network by name, with weights and the preprocessing that belongs to them."""

from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from overread.backbones import hub
from overread.backbones.blocks import Blocks
from overread.backbones.models.base import Design
from overread.backbones.preprocess import Preprocess, three
from overread.backbones.torchvision import timm
from overread.backbones.weights import Weights, digest, find, pour, read
from overread.errors import UserError, nearest
from overread.recipe import Backbone, Image
from overread.registry import BACKBONES


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
    features : int
        Width d of the pooled features.
    blocks : Blocks
        Named stages and blocks.
    """

    def __init__(self, name: str, network: nn.Module, preprocess: Preprocess, origin: str = "scratch", sha256: str = "") -> None:
        super().__init__()
        self.name = name
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.preprocess = preprocess
        self.origin = origin
        self.sha256 = sha256
        self.features = _width(network, name, preprocess.size)
        self.blocks = Blocks.of(network)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size) normalised to (n, d)."""
        features: Tensor = self.network(pixels)
        return features


def create(backbone: Backbone, image: Image | None = None) -> Trunk:
    """Make a backbone and fill it.

    Weights come from, in order: the file that is named, the folder `OVERREAD_WEIGHTS`, the package that carries them, the hub.

    Parameters
    ----------
    backbone : overread.recipe.Backbone
    image : overread.recipe.Image, optional
        Size and scale; the weights' own by default.

    Raises
    ------
    UserError
        No such backbone; no weights, or those of another architecture or layout; a size that it cannot take.
    """
    if backbone.weights and not backbone.pretrained:
        raise UserError("weights are named but pretrained is false", "backbone", "drop one of the two")
    image = image or Image()
    design = _design(backbone.name, image.size)
    seen = Preprocess.unit if image.scale == "unit" else _as_trained
    if not backbone.pretrained:
        return Trunk(backbone.name, design.network, seen(design.preprocess))
    weights = _on_this_machine(backbone, design)
    if weights is not None:
        pour(weights, design.network, backbone.name, design.classifier)
        _check_layout(weights, design, backbone.name)
        return Trunk(backbone.name, design.network, seen(design.preprocess.told(weights.metadata)), weights.origin, weights.sha256)
    if backbone.name in BACKBONES.names():
        raise hub.nowhere(backbone.name, "it is not on the hub")
    network = hub.download(backbone.name, partial(_timm_network, backbone.name, image.size))
    return Trunk(backbone.name, network, seen(design.preprocess), f"hub {_timm_facts(backbone.name).hf_hub_id}", digest(network))


def _as_trained(preprocess: Preprocess) -> Preprocess:
    return preprocess


def _design(name: str, size: int | None) -> Design:
    """A registered backbone's design, or one drawn from what timm says of its own."""
    if name in BACKBONES.names():
        design: Design = BACKBONES.get(name)(size)
        return design
    known = _timm_facts(name)
    preprocess = Preprocess(size or known.input_size[-1], three(known.mean), three(known.std))
    heads = (known.classifier,) if isinstance(known.classifier, str) else tuple(known.classifier or ())
    return Design(_timm_network(name, size), preprocess, classifier=tuple(f"{head}." for head in heads))


def _timm_network(name: str, size: int | None, pretrained: bool = False) -> nn.Module:
    """timm's network; those built for one size are told it at creation."""
    sized: dict[str, Any] = {"img_size": size} if size and _timm_facts(name).fixed_input_size else {}
    try:
        network: nn.Module = timm.create_model(name, pretrained=pretrained, num_classes=0, **sized)
    except (AssertionError, IndexError, ValueError) as fault:
        raise _unfit(name, size or 0, fault) from None
    return network


def _timm_facts(name: str) -> timm.models.PretrainedCfg:
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


def _on_this_machine(backbone: Backbone, design: Design) -> Weights | None:
    """Weights from a file or a package, named as the network names its tensors."""
    file = find(backbone.name, backbone.weights)
    if file is not None:
        return design.adapt(read(file))
    if design.package is not None:
        carried = read(Path(design.package.file()))
        return design.adapt(replace(carried, origin=f"package {design.package.name} {version(design.package.name)}"))
    return None


def _check_layout(weights: Weights, design: Design, name: str) -> None:
    """Files may say that their tensors belong to a layout that names and shapes do not show."""
    layout = weights.metadata.get("layout", design.layout).partition(" ")[0]
    if layout != design.layout:
        raise UserError(
            f"these weights are in the {layout} layout, which {name} is not",
            weights.origin,
            f"set backbone.name={name.partition('.')[0]}-{layout}, or give weights of {name}",
        )


def _width(network: nn.Module, name: str, size: int) -> int:
    """Width of the pooled features, by trying one blank picture: a size that does not fit is found here."""
    training = network.training
    try:
        with torch.no_grad():
            features = network.eval()(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError, IndexError) as fault:
        raise _unfit(name, size, fault) from None
    finally:
        network.train(training)
    if features.ndim != 2:
        raise UserError(f"{name} gives {tuple(features.shape)} for a picture, not pooled features (1, d)", "backbone", "pool in its forward")
    return int(features.shape[1])


def _unfit(name: str, size: int, fault: Exception) -> UserError:
    reason = str(fault).splitlines()[0][:120] if str(fault) else type(fault).__name__
    return UserError(
        f"{name} cannot take pictures of {size} px: {reason}", "image.size", "leave it out for the weights' own, or try a multiple of 32"
    )
