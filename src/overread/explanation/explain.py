"""A model's heat maps of many pictures, batch by batch."""

import numpy as np
import torch
from torch import nn

from overread.backbones.machine import computing
from overread.errors import UserError
from overread.explanation.base import Explanation, Heat
from overread.explanation.layers import find
from overread.features.batches import ahead, stack
from overread.imaging.pictures import Pictures
from overread.learners.base import Model
from overread.progress import track
from overread.registry import EXPLANATIONS

BATCH = 16


def explain(model: Model, pictures: Pictures, codes: np.ndarray, method: str, layer: str | None = None) -> Heat:
    """Explain a class of each picture.

    Parameters
    ----------
    model : answers one question with one network
    pictures : as `model.fitting` makes them
    codes : (n,) int, the class to explain of each, as a place in the target's classes
    method : name of a member of `explanation/`
    layer : name of a module of the network; by default the last that gives a map of the picture

    Raises
    ------
    UserError
        No such method, no such layer, a layer or a network without a map, a model of several networks.
    """
    draw: Explanation = EXPLANATIONS.get(method)
    network = the_network(model)
    with computing(model.runtime) as machine:
        network.to(machine.device)
        chosen = find(network, model.fitting.size, layer)
        pieces = [np.arange(begin, min(begin + BATCH, len(pictures))) for begin in range(0, len(pictures), BATCH)]
        heats = [
            draw(network, model.preprocess.normalise(batch.to(machine.device)), torch.from_numpy(codes[piece]).to(machine.device), chosen)
            for batch, piece in zip(track(ahead(stack(pictures), pieces, machine.helpers), "explaining", len(pieces)), pieces, strict=True)
        ]
    return Heat.join(heats)


def the_network(model: Model) -> nn.Module:
    """The one network of a model."""
    networks = list(model.networks().values())
    if not networks:
        what = "what answers is no network (neighbours or trees on features), so nothing says where it looked"
        raise UserError(what, "the model", "explain a model whose head is a layer: learner.head=logreg, svm or mlp")
    if len(networks) != 1 or len(model.targets) != 1:
        raise UserError("only a model of one network and one target is explained", "the model", "explain its parts one by one")
    return networks[0]
