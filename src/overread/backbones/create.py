"""A backbone by name, with weights and the preprocessing that belongs to them; or several side by side."""

from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from overread.backbones import hub
from overread.backbones.activation import check_file, check_name
from overread.backbones.design import design, facts, projection, timm_network
from overread.backbones.models.base import Design
from overread.backbones.preprocess import Preprocess
from overread.backbones.trunk import Trunk, side_by_side
from overread.backbones.weights import Weights, digest, find, pour, projected, read
from overread.errors import UserError
from overread.recipe import Backbone, Image
from overread.registry import BACKBONES

__all__ = ["Trunk", "create", "restore"]


def create(backbone: Backbone, image: Image | None = None) -> Trunk:
    """Make a backbone and fill it; those beside it too, at the same size, their features one after the other.

    Weights come from, in order: the file that is named, the folder `OVERREAD_WEIGHTS`, the package that carries them, the hub.

    Parameters
    ----------
    backbone : overread.recipe.Backbone
    image : overread.recipe.Image, optional
        Size and scale; the (first) weights' own by default.

    Raises
    ------
    UserError
        No such backbone; no weights, or those of another architecture, layout or activation; a size that it cannot take; tokens to
        pool that it does not have.
    """
    image = image or Image()
    first = _create(backbone, image)
    if not backbone.beside:
        return first
    size = first.preprocess.size
    return side_by_side([first, *(_beside(other, image.model_copy(update={"size": size}), first.name) for other in backbone.beside)])


def restore(told: dict[str, Any], preprocess: Preprocess) -> Trunk:
    """The trunk that `Trunk.told` described, with random weights: the saved model brings its own.

    Parameters
    ----------
    told : dict
        Descriptions without `pool` are read as pooled as the backbone's authors do.
    preprocess : Preprocess

    Raises
    ------
    KeyError, TypeError, ValueError
        Something is missing from the description, or is not what it should be.
    """
    if "members" in told:
        trunk = side_by_side([restore(member, Preprocess.from_dict(member["preprocess"])) for member in told["members"]])
    else:
        trunk = create(Backbone(name=told["name"], pretrained=False, pool=told.get("pool", "own")), Image(size=preprocess.size))
    trunk.preprocess, trunk.origin, trunk.sha256 = preprocess, told["origin"], told["sha256"]
    return trunk


def _create(backbone: Backbone, image: Image) -> Trunk:
    """The backbone alone."""
    if backbone.weights and not backbone.pretrained:
        raise UserError("weights are named but pretrained is false", "backbone", "drop one of the two")
    name, pool = backbone.name, backbone.pool
    known = design(name, image.size, pool)
    seen = Preprocess.unit if image.scale == "unit" else _as_trained
    if not backbone.pretrained:
        return Trunk(name, known.network, seen(known.preprocess), pool=pool)
    if name not in BACKBONES.names():
        check_name(name)
    weights = _on_this_machine(backbone, known)
    if weights is not None:
        pour(weights, known.network, name, known.classifier)
        _check_layout(weights, known, name)
        return Trunk(name, known.network, seen(known.preprocess.told(weights.metadata)), weights.origin, weights.sha256, pool)
    if name in BACKBONES.names():
        raise hub.nowhere(name, "it is not on the hub")
    network = hub.download(name, partial(timm_network, name, image.size, pool))
    return Trunk(name, network, seen(known.preprocess), f"hub {facts(name).hf_hub_id}", digest(network), pool)


def _as_trained(preprocess: Preprocess) -> Preprocess:
    return preprocess


def _beside(backbone: Backbone, image: Image, first: str) -> Trunk:
    if backbone.beside:
        raise UserError(f"{backbone.name} stands beside {first} and lists others itself", "backbone.beside", "list them all beside the first")
    try:
        return _create(backbone, image)
    except UserError as fault:
        if fault.where != "image.size":
            raise
        what = f"{fault.what}, which is what {first} beside it sees"
        raise UserError(what, "image.size", "name a size that all of them take, such as image.size=224") from None


def _on_this_machine(backbone: Backbone, known: Design) -> Weights | None:
    """Weights from a file or a package."""
    file = find(backbone.name, backbone.weights)
    if file is not None:
        weights = known.adapt(read(file))
        check_file(file, weights.tensors, known.network, backbone.name)
        _check_projection(weights, backbone)
        return weights
    if known.package is not None:
        carried = read(Path(known.package.file()))
        return known.adapt(replace(carried, origin=f"package {known.package.name} {version(known.package.name)}"))
    return None


def _check_projection(weights: Weights, backbone: Backbone) -> None:
    """CLIP's projection is part of what its authors pool; a name that means a fine-tuned tower has no place for it."""
    if backbone.pool != "own" or "clip" not in backbone.name or projection(backbone.name) or not projected(weights.tensors):
        return
    raise UserError(
        f"these weights are CLIP's and project; {backbone.name} means {facts(backbone.name).tag}, which does not",
        weights.origin,
        "name the tag of a tower that was not fine-tuned (.laion2b, .openai), or set backbone.pool=token for what lies below the projection",
    )


def _check_layout(weights: Weights, known: Design, name: str) -> None:
    """Files may say that their tensors belong to a layout that names and shapes do not show."""
    layout = weights.metadata.get("layout", known.layout).partition(" ")[0]
    if layout != known.layout:
        raise UserError(
            f"these weights are in the {layout} layout, which {name} is not",
            weights.origin,
            f"set backbone.name={name.partition('.')[0]}-{layout}, or give weights of {name}",
        )
