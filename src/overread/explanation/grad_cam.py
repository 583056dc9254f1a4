"""Grad-CAM: a channel weighs as much as its mean gradient.

Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV. Where the layer is pooled
by its mean and read by a linear output, the map before its ReLU sums to the logit less the constant.
"""

from torch import Tensor

from overread.explanation.cam import cam
from overread.registry import EXPLANATIONS


@EXPLANATIONS.register("grad-cam")
@cam
def grad_cam(activations: Tensor, gradients: Tensor) -> Tensor:
    """(n, c, 1, 1), the mean over places."""
    return gradients.mean(dim=(2, 3), keepdim=True)
