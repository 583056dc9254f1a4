"""What a recipe may say under `learner` for a cascade."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from overread.learners.base import Answering
from overread.recipe import check

MEMBERS = ("finetune", "probe")
"""Learners that a cascade is made of: each answers one question from the picture alone."""


class Options(Answering):
    kind: Literal["cascade"] = "cascade"
    part: str = "body_part"
    """The question that the router answers, and by which rows go to their expert."""
    router: dict[str, Any] = Field(default={"kind": "finetune"}, validate_default=True)
    """The learner of the router, with its own options; fine-tuning if no kind is given."""
    expert: dict[str, Any] = Field(default={"kind": "finetune"}, validate_default=True)
    """The learner of every expert, the pooled one too."""
    own: Annotated[int, Field(ge=2)] = 100
    """Patients of train (components, where patients are unknown) that a part needs for an expert of its own."""
    small: Annotated[int, Field(ge=2)] | None = None
    """Experts of parts with fewer patients than this go on from the pooled expert's network, not from the pretrained weights."""
    routing: Literal["soft", "hard"] = "soft"
    """`soft`: experts are mixed by the router's probabilities; `hard`: the likeliest part's expert alone is heard."""
    abstain: Annotated[float, Field(gt=0, lt=1)] | None = None
    """An answer is marked as abstained where the router's largest probability is below this."""

    def answers(self, questions: Sequence[str]) -> list[str]:
        return [*([self.target] if self.target else [name for name in questions if name != self.part][:1]), self.part]

    @field_validator("router", "expert")
    @classmethod
    def of_a_learner(cls, member: dict[str, Any], told: ValidationInfo) -> dict[str, Any]:
        member = {"kind": "finetune", **member}
        if member["kind"] not in MEMBERS:
            raise ValueError(f"a cascade is made of {' or '.join(MEMBERS)}, not of {member['kind']}")
        if "target" in member:
            raise ValueError("what it is asked is the cascade's to say (learner.target, learner.part)")
        return check({"learner": member}, f"learner.{told.field_name}").learner

    @model_validator(mode="after")
    def sound(self) -> "Options":
        if self.target == self.part:
            raise ValueError(f"{self.part!r} is what the router is asked; the experts need another target")
        if self.small is not None and self.expert["kind"] != "finetune":
            raise ValueError("small: an expert that is solved goes on from no other network; leave it out, or set expert.kind=finetune")
        if self.small is not None and self.small <= self.own:
            raise ValueError(f"small ({self.small}) must be above own ({self.own}): the parts between the two go on from the pooled expert")
        return self
