"""From prompts to a network: the image tower, whose last layer is what the prompts say."""

from pathlib import Path

import torch
from torch import nn

from overread.backbones import hub
from overread.backbones.create import create
from overread.backbones.design import facts, projection
from overread.backbones.machine import computing
from overread.backbones.torchvision import timm
from overread.backbones.weights import find, read
from overread.catalog import Catalog
from overread.errors import UserError
from overread.imaging.fit import Fitting
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.model import NetworkModel
from overread.learners.network.task import Task
from overread.learners.zero_shot.options import Options
from overread.learners.zero_shot.words import embed
from overread.recipe import Backbone, Recipe
from overread.registry import BACKBONES
from overread.run import Workspace

BOTH = "open_clip_model.safetensors"
"""The file of a hub's repository that holds both towers."""


def fit(catalog: Catalog, recipe: Recipe, workspace: Workspace) -> NetworkModel:
    """Pour what the prompts say into the last layer; neither an image nor a label is looked at.

    The logits are CLIP's own: the cosine of picture and class, times the scale that CLIP learnt. A binary target's one logit is the
    difference of the two.

    Raises
    ------
    UserError
        The backbone is no CLIP, its weights are not at hand or lack the text tower, or a prompt is of no class or too long.
    """
    options = Options.model_validate(recipe.learner)
    task = Task.of(catalog, options.target)
    prompts = options.asked(task.target)
    backbone = _with_file(recipe.backbone)
    with computing(recipe.runtime):
        trunk = create(backbone, recipe.image)
        weights = read(find(backbone.name, backbone.weights))  # type: ignore[arg-type]  # it was found when the trunk was filled
        quick = any(isinstance(module, timm.layers.activations.QuickGELU) for module in trunk.network.modules())
        points = embed(weights, prompts, quick)
    if points.shape[1] != trunk.features:
        raise UserError(f"texts have {points.shape[1]} numbers, pictures {trunk.features}", weights.origin, "name the backbone these weights are of")
    layer = weights.tensors["logit_scale"].exp() * points
    head = Head(dropout=(0.0,), unit=True)
    classifier = Classifier(trunk, build_head(head, trunk.features, task.outputs))
    [last] = [module for module in classifier.head if isinstance(module, nn.Linear)]
    with torch.no_grad():
        last.weight.copy_(layer[1:] - layer[:1] if task.outputs == 1 else layer)
        last.bias.zero_()
    told = dict(zip(task.target.classes, prompts, strict=True))
    workspace.log(event="prompts", prompts=told)
    fitting = Fitting.of(recipe.image, trunk.preprocess.size)
    return NetworkModel(classifier.eval(), head, task, fitting, recipe.runtime, "zero-shot", {"prompts": told})


def _with_file(backbone: Backbone) -> Backbone:
    """The backbone, checked to be a CLIP by itself, with a file of both towers."""
    name = backbone.name
    if name in BACKBONES.names() or not projection(name):
        known = "vit_base_patch32_clip_quickgelu_224.openai"
        raise UserError(f"{name} does not read words", "backbone.name", f"name an image tower of CLIP, such as {known}")
    if not backbone.pretrained or backbone.pool != "own" or backbone.beside:
        raise UserError(
            "CLIP is asked in words as it was trained: pretrained, alone, and pooled as its authors do",
            "backbone",
            "leave out pretrained, pool and beside",
        )
    if find(name, backbone.weights) is not None:
        return backbone
    return backbone.model_copy(update={"weights": str(_from_hub(name))})


def _from_hub(name: str) -> Path:
    """The file of both towers; the words for other backbones (one that is installed, random weights) would not help here."""
    repository = str(facts(name).hf_hub_id)
    try:
        return hub.fetch(name, repository, BOTH)
    except UserError:
        raise UserError(
            f"no weights of both towers of {name!r}: no file was given, and huggingface.co gave none",
            "backbone",
            f"name a file of the whole CLIP (backbone.weights=..., or {name.replace('-', '_')}.safetensors in the folder OVERREAD_WEIGHTS), "
            f"or connect to huggingface.co once, where it is {BOTH} of {repository}",
        ) from None
