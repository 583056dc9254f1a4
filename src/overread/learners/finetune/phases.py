"""How fast what trains: timm's optimiser and schedule for one phase, counted in updates."""

from typing import Any

import torch

from overread.backbones.torchvision import timm
from overread.learners.finetune.options import Phase
from overread.learners.network.classifier import Classifier

COLD = 0.01
"""Share of the rate at which a warm-up begins."""


def optimiser(classifier: Classifier, phase: Phase, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW over what `Classifier.free` left to train; rates shrink by the phase's decay from stage to stage below the head."""
    made: torch.optim.Optimizer = timm.optim.create_optimizer_v2(  # type: ignore[attr-defined]
        classifier, opt="adamw", lr=phase.rate, weight_decay=weight_decay, layer_decay=phase.decay
    )
    return made


def schedule(optimizer: torch.optim.Optimizer, phase: Phase, updates: int) -> timm.scheduler.scheduler.Scheduler:
    """Rates over a phase of that many updates an epoch; call `step_update(n)` before update n.

    A linear warm-up, then half a cosine to zero or the full rate to the end.
    """
    warm_up = phase.warm_up * updates
    common: dict[str, Any] = {"warmup_t": warm_up, "warmup_lr_init": phase.rate * COLD, "warmup_prefix": True, "t_in_epochs": False}
    rest = phase.epochs * updates - warm_up
    if phase.schedule == "constant" or rest < 2:  # half a cosine over one update is that update
        return timm.scheduler.StepLRScheduler(optimizer, decay_t=rest + 1, decay_rate=1.0, **common)  # type: ignore[attr-defined]
    return timm.scheduler.CosineLRScheduler(optimizer, t_initial=rest, **common)  # type: ignore[attr-defined]
