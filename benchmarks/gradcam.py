"""What a batch of Grad-CAMs costs beside the forward and backward that it cannot do without, and beside pytorch-grad-cam.

    python benchmarks/gradcam.py

`needed` is one forward of the batch through the whole network and one backward from the summed scores to the layer's output, and no
further down: parameters are held. `overread` is `EXPLANATIONS.get("grad-cam")` on the same pixels, maps in numpy. `reference` is
pytorch-grad-cam's `GradCAM` as its readers use it (it resizes and scales its maps too, and differentiates the whole network). The three take
turns, so that whatever else the machine does meets all of them; ratios are taken turn by turn. float32, one thread.

Aim: `overread` at most 1.35 times `needed`.
"""

import os
import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pandas as pd
import torch
from record import record

from overread.backbones.create import create
from overread.explanation.layers import find, module
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.recipe import Backbone, Image
from overread.registry import EXPLANATIONS

SIZE, BATCH, TURNS, SEED, AIM = 224, 16, 9, 0, 1.35


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    busy = round(os.getloadavg()[0], 1)
    rows = [measure(name) for name in ("resnet50", "efficientnet-lite0")]
    path = record("gradcam", SEED, rows, size=SIZE, batch=BATCH, turns=TURNS, torch=torch.__version__, load_before=busy, aim=AIM)
    print(pd.DataFrame(rows).to_string(index=False), path, sep="\n")


def measure(name: str) -> dict[str, Any]:
    """Seconds a batch, and the medians of the ratios of each turn."""
    from pytorch_grad_cam import GradCAM  # it imports torchvision, which `overread.backbones` must have met first
    from pytorch_grad_cam.utils.model_targets import BinaryClassifierOutputTarget

    trunk = create(Backbone(name=name, pretrained=False), Image(size=SIZE))
    network = Classifier(trunk, build_head(Head(), trunk.features, 1)).eval()
    pixels = torch.randn(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
    codes, layer = torch.ones(BATCH, dtype=torch.int64), find(network, SIZE)
    draw, part = EXPLANATIONS.get("grad-cam"), module(network, layer)
    outputs: list[torch.Tensor] = []

    def keep(module: Any, given: Any, output: torch.Tensor) -> torch.Tensor:
        outputs.append(output.detach().requires_grad_())
        return outputs[-1].clone()

    def needed() -> None:
        network.requires_grad_(False)
        hook = part.register_forward_hook(keep)
        torch.autograd.grad(network(pixels).sum(), outputs.pop())
        hook.remove()

    def ours() -> None:
        draw(network, pixels, codes, layer)

    def reference() -> None:
        network.requires_grad_(True)
        with GradCAM(network, [part]) as theirs:
            theirs(pixels, [BinaryClassifierOutputTarget(1)] * BATCH)

    calls = {"needed": needed, "overread": ours, "reference": reference}
    turns = [{what: seconds(call) for what, call in calls.items()} for _ in range(TURNS + 1)][1:]
    medians = {f"{what}_seconds": round(statistics.median(turn[what] for turn in turns), 3) for what in calls}
    over = {f"over_{what}": round(statistics.median(turn["overread"] / turn[what] for turn in turns), 3) for what in ("needed", "reference")}
    return {
        "network": name,
        "layer": layer,
        **medians,
        **over,
        "worst_over_needed": round(max(turn["overread"] / turn["needed"] for turn in turns), 3),
    }


def seconds(call: Callable[[], None]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


if __name__ == "__main__":
    main()
