"""One forward and one backward for a whole batch: what a layer gave, and how the score changes with it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from overread.errors import UserError
from overread.explanation.layers import as_map, module
from overread.explanation.rest import at_rest, cut


@dataclass(frozen=True)
class Passed:
    """What went forward through a layer and came back to it.

    Attributes
    ----------
    activations : (n, c, h, w) float32; of tokens, those of the patches on their grid
    gradients : (n, c, h, w) float32, of each row's score by its own activations
    scores : (n,) float32
    """

    activations: Tensor
    gradients: Tensor
    scores: Tensor


def backpropagate(network: nn.Module, pixels: Tensor, codes: Tensor, layer: str) -> Passed:
    """Activations of a layer and the gradients of the scores of some classes.

    The batch's scores are summed and sent back at once: rows do not meet in a network at rest, so each keeps its own gradient. The graph
    begins at the layer, nothing below it is differentiated, and float32 is used whatever the model was trained in.

    Raises
    ------
    UserError
        The score does not depend on that layer.
    """
    with at_rest(network), cut(module(network, layer)) as leaves, torch.enable_grad(), torch.autocast(pixels.device.type, enabled=False):
        scores = score(network(pixels), codes)
        reached = torch.autograd.grad(scores.sum(), leaves, allow_unused=True) if scores.requires_grad else (None,)
    if reached[-1] is None:
        raise UserError(f"the score does not depend on layer {layer!r}", "layer", "name one on the way to the output")
    size = (pixels.shape[2], pixels.shape[3])
    activations, gradients = (as_map(network, layer, size, output) for output in (leaves[-1].detach(), reached[-1]))
    return Passed(activations, gradients, scores.detach())


def score(logits: Tensor, codes: Tensor) -> Tensor:
    """(n,) each row's logit of a class; with one output, of the positive class, that of the negative is minus it.

    Parameters
    ----------
    logits : (n, 1) or (n, C)
    codes : (n,) int64 in [0, C)
    """
    if logits.shape[1] == 1:
        return torch.where(codes == 1, logits[:, 0], -logits[:, 0])
    return logits.gather(1, codes[:, None])[:, 0]
