"""torchvision and timm as they are, or with two missing operators declared where a build of torch lacks them.

torchvision's compiled operators are absent beside some CPU builds of torch, and then its import fails on one line that registers a
shape rule for `nms`. Nothing here uses those operators: declaring their schemas lets the import pass. Where torchvision is whole,
nothing is touched.
"""

import os
import sys
from importlib import import_module

from torch import library

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

GAP = "operator torchvision::nms does not exist"

_declared: list[library.Library] = []
"""Schemas live as long as the library object that declared them."""


def _bridge() -> None:
    try:
        import_module("torchvision")
    except RuntimeError as fault:
        if str(fault) != GAP:
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        operators = library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        _declared.append(operators)
        import_module("torchvision")


_bridge()

import timm  # noqa: E402
import timm.optim  # noqa: E402
import timm.scheduler  # noqa: E402
import torchvision  # noqa: E402

__all__ = ["timm", "torchvision"]
