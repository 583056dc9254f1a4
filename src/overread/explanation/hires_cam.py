"""HiResCAM: every place of a channel weighs as much as its own gradient.

Draelos & Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks", arXiv:2011.08891. It
shows no place that did not move the score; where the layer is pooled by its mean and read by a linear output it is Grad-CAM.
"""

from torch import Tensor

from overread.explanation.cam import cam
from overread.registry import EXPLANATIONS


@EXPLANATIONS.register("hires-cam")
@cam
def hires_cam(activations: Tensor, gradients: Tensor) -> Tensor:
    """(n, c, h, w), the gradients themselves."""
    return gradients
