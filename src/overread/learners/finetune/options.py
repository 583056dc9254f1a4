"""What a recipe may say under `learner` for fine-tuning."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from overread.learners.base import Answering
from overread.learners.network.head import Head
from overread.recipe import Strict


class Phase(Strict):
    """A stretch of training with one choice of what trains and how fast."""

    trains: str
    """``head``, ``all``, ``from <stage or block>`` (upward from there) or ``last <number of blocks>``; the head always trains."""
    epochs: Annotated[int, Field(ge=1)]
    rate: Annotated[float, Field(gt=0)]
    decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The rate of a stage is this times that of the one above it; the head has the full one."""
    warm_up: Annotated[int, Field(ge=0)] = 0
    """Epochs, of those given, over which the rate rises linearly."""
    schedule: Literal["cosine", "constant"] = "cosine"

    @model_validator(mode="after")
    def sound(self) -> "Phase":
        if not re.fullmatch(r"head|all|from \S+|last [1-9]\d*", self.trains):
            raise ValueError(f"trains is 'head', 'all', 'from <stage>' or 'last <number>', not {self.trains!r}")
        if self.warm_up >= self.epochs:
            raise ValueError(f"warm_up ({self.warm_up}) must end before the phase does ({self.epochs} epochs)")
        return self


class Stop(Strict):
    """When to end a phase early; the best epoch of all is kept in any case. Of several targets their mean decides."""

    on: Literal["auroc", "balanced_accuracy", "loss"] = "auroc"
    patience: Annotated[int, Field(ge=1)] = 4
    """Epochs without a better value on the validation rows."""


class Training(Strict):
    """What trainings by steps have in common, whatever they answer."""

    start: str | None = None
    """A model's folder, or a run's, whose network training goes on from instead of pretrained weights."""
    head: Head = Head()
    augment: Literal["none", "light", "strong", "radiograph"] = "light"
    mirror: bool = False
    """Also mirror left to right, where no side matters: `radiograph` alone does not."""
    rotate: Annotated[float, Field(ge=0, le=180)] | None = None
    """The largest turn to either side in degrees, instead of the preset's."""
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)] = (
        Phase(trains="head", epochs=2, rate=2e-3),
        Phase(trains="all", epochs=10, rate=4e-4, decay=0.7, warm_up=1),
    )
    stop: Stop = Stop()
    batch: Annotated[int, Field(ge=2)] = 32
    balance: Literal["none", "weights", "sampler"] = "weights"
    """`weights`: a rare class counts more in the loss; `sampler`: its rows are drawn more often."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.05


class Options(Training, Answering):
    kind: Literal["finetune"] = "finetune"
