"""A checkpoint trained elsewhere as a model of this house: its tensors told apart into trunk and head, nothing retrained."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from overread.backbones.create import Trunk, create
from overread.backbones.design import projection
from overread.backbones.pooling import Pool
from overread.backbones.weights import Weights, pour, read
from overread.catalog import Target
from overread.errors import UserError
from overread.imaging.fit import Fitting
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.model import NetworkModel
from overread.learners.network.task import Task
from overread.recipe import Backbone as Named
from overread.recipe import Image, Runtime

HEADS = re.compile(r"(fc|head|heads|classifier|last_linear|linear|output)\d*\.")
"""How tensors of a head are usually named, for checkpoints whose trunk has to be told by what is left."""

Tensors = Mapping[str, Tensor]


def adopt(path: Path, backbone: str, image: Image, classes: Sequence[str], name: str, target: Target) -> NetworkModel:
    """Read a checkpoint of a whole classifier.

    The trunk's tensors are found by their names, whatever stands before them (``module.``, ``model.``, ``backbone.``), or, in a .pth or .pt
    file, by their order and shapes (a network wrapped in an `nn.Sequential` has lost its names). What is left is the head: one dense layer,
    or two with a ReLU between. A head with two outputs for two classes becomes the one logit that says the same.

    Parameters
    ----------
    path : a .pth or .pt file that holds tensors alone, or a .safetensors file
    backbone : the architecture, by its name here or in timm
    image : size, fit and scale that the model was trained with
    classes : what each output means, in the order of the outputs; for a single output, the class it speaks against and the one it speaks for
    name : what the model is asked
    target : the same classes, as a question of the house

    Raises
    ------
    UserError
        No such file or backbone, another architecture, a head of another kind or with another number of outputs, or numbers that are none.
    """
    if not path.is_file():
        raise UserError("there is no such file", str(path), "name a .pth, .pt or .safetensors file")
    weights = read(path)
    with torch.random.fork_rng():
        below: Pool = "token" if projection(backbone) else "own"  # a head trained elsewhere replaced CLIP's projection
        trunk = create(Named(name=backbone, pretrained=False, pool=below), image)
        body, rest = _apart(weights.tensors, trunk.network, ordered=path.suffix != ".safetensors")
        pour(Weights(body, weights.origin, weights.sha256), trunk.network, backbone)
        trunk.origin, trunk.sha256, trunk.preprocess = weights.origin, weights.sha256, trunk.preprocess.told(weights.metadata)
        layers = _layers(rest, trunk, weights.origin)
        layers[-1] = _as_asked(layers[-1], list(classes), target, weights.origin)
        head = Head() if len(layers) == 1 else Head(kind="mlp", hidden=len(layers[0].bias))
        task = Task(name, target)
        classifier = Classifier(trunk, build_head(head, trunk.features, task.outputs))
    dense = [module for module in classifier.head if isinstance(module, nn.Linear)]
    for module, layer in zip(dense, layers, strict=True):
        module.load_state_dict(layer.state_dict())
    if not all(tensor.isfinite().all() for tensor in classifier.state_dict().values()):
        raise UserError(
            "some of its numbers are NaN or infinite", weights.origin, "its training diverged, or half precision ran over: take another one"
        )
    # in float32, so that the logits are those of the model that was trained elsewhere
    return NetworkModel(classifier.eval(), head, task, Fitting(trunk.preprocess.size, image.fit), Runtime(precision="fp32"))


def _apart(tensors: Tensors, network: nn.Module, ordered: bool) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The trunk's tensors, named as in `network`, and all others."""
    known = {name: tensor for name, tensor in tensors.items() if not name.endswith("num_batches_tracked")}
    wanted = {name: tensor.shape for name, tensor in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    before = max(_prefixes(known, wanted), key=lambda prefix: sum(prefix + name in known for name in wanted), default="")
    if all(before + name in known for name in wanted):
        taken = {before + name: name for name in wanted}
    elif ordered and [tensor.shape for tensor in islice(known.values(), len(wanted))] == list(wanted.values()):
        taken = dict(zip(known, wanted, strict=False))
    else:  # another architecture, most likely; what is not named like a head is compared and refused in the words of `pour`
        taken = {name: name.removeprefix(before) for name in known if not HEADS.match(name.removeprefix(before))}
    body = {own: known[name] for name, own in taken.items()}
    return body, {name: tensor for name, tensor in known.items() if name not in taken}


def _prefixes(known: Tensors, wanted: Mapping[str, torch.Size]) -> set[str]:
    """What may stand before the trunk's names: whatever stands before its first one."""
    first = next(iter(wanted))
    return {name.removesuffix(first) for name in known if name == first or name.endswith(f".{first}")}


def _layers(rest: Tensors, trunk: Trunk, where: str) -> list[nn.Linear]:
    """The head's one or two dense layers, the lower first."""
    stems = [name.removesuffix(".weight") for name, tensor in rest.items() if name.endswith(".weight") and tensor.ndim == 2]
    beyond = sorted(set(rest) - {f"{stem}.{part}" for stem in stems for part in ("weight", "bias")})
    if beyond or not 1 <= len(stems) <= 2:
        told = f"{len(stems)} dense layers" + (f" and {len(beyond)} other tensors (e.g. {beyond[0]})" if beyond else "")
        raise UserError(
            f"the head is {told}",
            where,
            "only one dense layer, or two with a ReLU between, are understood: save such a model, or --predictions of yours",
        )
    stems.sort(key=lambda stem: rest[f"{stem}.weight"].shape[1] != trunk.features)
    layers = [_dense(rest[f"{stem}.weight"], rest.get(f"{stem}.bias")) for stem in stems]
    widths = [trunk.features, *(layer.out_features for layer in layers[:-1])]
    if [layer.in_features for layer in layers] != widths:
        given = " and ".join(str(layer.in_features) for layer in layers)
        raise UserError(
            f"the head takes {given} numbers, not {trunk.features} features of {trunk.name}", where, "name the backbone it was trained on"
        )
    return layers


def _dense(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": torch.zeros(len(weight)) if bias is None else bias})
    return layer


def _as_asked(layer: nn.Linear, classes: list[str], target: Target, where: str) -> nn.Linear:
    """The last layer with one output a class in the target's order; for two classes, the one logit of the positive class."""
    outputs = layer.out_features
    if outputs != len(classes) and (outputs, len(classes)) != (1, 2):
        raise UserError(f"the model has {outputs} outputs; {len(classes)} classes are named", where, "name a class for each output, in their order")
    weight, bias = layer.weight.detach(), layer.bias.detach()
    if outputs == 1:  # a lone logit stands for the second class, against nothing for the first
        weight, bias = (torch.cat([torch.zeros_like(values), values]) for values in (weight, bias))
    rows = [classes.index(label) for label in target.classes]
    weight, bias = weight[rows], bias[rows]
    if target.kind == "binary":
        weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
    return _dense(weight, bias)
