"""Grad-CAM++: a channel weighs as much as its rising gradients, more where few places carry them.

Chattopadhay et al. 2018, "Grad-CAM++: generalized gradient-based visual explanations for deep convolutional networks", WACV.
"""

import torch
from torch import Tensor

from overread.explanation.cam import cam
from overread.registry import EXPLANATIONS


@EXPLANATIONS.register("grad-cam-plus-plus")
@cam
def grad_cam_plus_plus(activations: Tensor, gradients: Tensor) -> Tensor:
    """(n, c, 1, 1), the sum over places of alpha times the gradient where that is above 0.

    Notes
    -----
    Equation 19 for the exponential of the score, whose second and third derivatives are powers of its first: alpha is
    g^2 / (2 g^2 + S g^3), with S the sum of the channel's activations. Divided by g^2 it needs no constant against 0 / 0; the 1e-6 that
    other programs add is more than the g^2 of a pooled layer and bends the map. It is meant for rectified layers: where S is negative,
    2 + S g comes near 0 and the map has no scale.
    """
    rising = gradients.relu()
    below = 2 + activations.sum(dim=(2, 3), keepdim=True) * rising
    weights: Tensor = torch.where(below != 0, rising / below, 0.0).sum(dim=(2, 3), keepdim=True)
    return weights
