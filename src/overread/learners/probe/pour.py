"""A solved head becomes the last layers of a network."""

import torch
from torch import nn

from overread.backbones.create import Trunk
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.task import Task
from overread.learners.probe.solver import Layers


def pour(layers: Layers, trunk: Trunk, task: Task) -> tuple[Classifier, Head]:
    """The trunk with these layers on its features as they are, in float32, and what kind of head they make."""
    if len(layers.weights) == 1:
        head = Head(kind="linear", dropout=(0.0,), link=layers.link)
    else:
        head = Head(kind="mlp", hidden=len(layers.biases[0]), dropout=(0.0,), link=layers.link)
    with torch.random.fork_rng():
        classifier = Classifier(trunk, build_head(head, trunk.features, task.outputs))
    dense = [module for module in classifier.head if isinstance(module, nn.Linear)]
    for module, weight, bias in zip(dense, layers.weights, layers.biases, strict=True):
        module.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    return classifier.eval(), head
