"""What a recipe may say under `learner` for several questions at once."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from overread.learners.finetune.options import Training

Weight = Annotated[float, Field(gt=0)]


class Options(Training):
    kind: Literal["multitask"] = "multitask"
    targets: Annotated[tuple[str, ...], Field(min_length=2)] | None = None
    """Which of the data's questions; all, if not given. The first is the main one."""
    weights: Literal["learned"] | dict[str, Weight] = Field(default_factory=dict)
    """What each target's loss counts, 1 where nothing is said; `learned`: by how uncertain the network is of each (Kendall et al. 2018)."""
    balance: Literal["none", "weights"] = "weights"
    """`weights`: a rare class counts more in its own target's loss. Rows are drawn alike: what evens one target out would skew another."""

    @field_validator("targets")
    @classmethod
    def each_once(cls, targets: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if targets and len(set(targets)) < len(targets):
            raise ValueError("a target is named twice")
        return targets
