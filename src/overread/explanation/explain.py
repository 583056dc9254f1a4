"""A model's heat maps of many pictures: each is explained by the network that speaks for it, batch by batch."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from overread.backbones.machine import Machine, computing
from overread.errors import UserError
from overread.explanation.base import Explanation, Heat
from overread.explanation.layers import find
from overread.features.batches import ahead, stack
from overread.imaging.pictures import Pictures
from overread.learners.base import Model
from overread.progress import track
from overread.registry import EXPLANATIONS

BATCH = 16


def explain(
    model: Model, pictures: Pictures, codes: np.ndarray, method: str, layer: str | None = None, networks: Sequence[str] | None = None
) -> Heat:
    """Explain a class of each picture.

    Parameters
    ----------
    pictures : as `model.fitting` makes them
    codes : (n,) int, the class to explain of each, as a place in the target's classes
    method : name of a member of `explanation/`
    layer : name of a module that each of the networks has; by default the last of each that gives a map of the picture
    networks : (n,) name in `model.networks()` of the network that speaks for each picture, as `model.speakers` tells; by default the model's
        only one

    Returns
    -------
    Heat
        In the order of the pictures. Scores and maps are in logits of the network that spoke; those of two networks do not compare.

    Raises
    ------
    UserError
        No such method, no such layer, a layer or a network without a map, networks that are not named, or whose maps differ in size.
    """
    draw: Explanation = EXPLANATIONS.get(method)
    held = model.networks()
    spoken = np.array([_only(held)] * len(pictures) if networks is None else networks)
    places = {str(name): np.flatnonzero(spoken == name) for name in dict.fromkeys(spoken.tolist())}
    with computing(model.runtime) as machine:
        heats = {name: _by_one(held[name], model, pictures.take(at), codes[at], draw, layer, machine) for name, at in places.items()}
    if len({heat.maps.shape[1:] for heat in heats.values()}) > 1:
        sizes = ", ".join(f"{name} {heat.maps.shape[1]} x {heat.maps.shape[2]} at {heat.layer}" for name, heat in heats.items())
        raise UserError(
            f"the networks' maps differ in size: {sizes}", "layer", "name a layer whose map is as large in each, or explain their images apart"
        )
    return Heat.join(list(heats.values())).take(np.concatenate(list(places.values())).argsort())


def check_layer(model: Model, layer: str | None, networks: Sequence[str] = ()) -> None:
    """Refuse, before any picture is read, to explain what gives no map.

    Parameters
    ----------
    layer : as `explain` takes it
    networks : names of those to look at; by default the model's first, so that networks which load on demand stay where they are

    Raises
    ------
    UserError
        The model has no network, or one of these has no such layer or no map there.
    """
    held = model.networks()
    if not held:
        what = "what answers is no network (neighbours or trees on features), so nothing says where it looked"
        raise UserError(what, "the model", "explain a model whose head is a layer: learner.head=logreg, svm or mlp")
    for name in dict.fromkeys(networks) or [next(iter(held))]:
        find(held[name], model.fitting.size, layer)


def _only(networks: Mapping[str, nn.Module]) -> str:
    """The name of a model's one network."""
    if len(networks) != 1:
        raise UserError(f"this model has {len(networks)} networks", "the model", "say of each picture which one speaks for it")
    return next(iter(networks))


def _by_one(network: nn.Module, model: Model, pictures: Pictures, codes: np.ndarray, draw: Explanation, layer: str | None, machine: Machine) -> Heat:
    """What one network says of its pictures."""
    network.to(machine.device)
    chosen = find(network, model.fitting.size, layer)
    pieces = [np.arange(begin, min(begin + BATCH, len(pictures))) for begin in range(0, len(pictures), BATCH)]
    return Heat.join(
        [
            draw(network, model.preprocess.normalise(batch.to(machine.device)), torch.from_numpy(codes[piece]).to(machine.device), chosen)
            for batch, piece in zip(track(ahead(stack(pictures), pieces, machine.helpers), "explaining", len(pieces)), pieces, strict=True)
        ]
    )
