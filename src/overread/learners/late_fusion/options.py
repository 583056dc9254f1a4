"""What a recipe may say under `learner` for late fusion."""

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from overread.learners.base import Answering
from overread.recipe import check


class Options(Answering):
    kind: Literal["late-fusion"] = "late-fusion"
    image: dict[str, Any] = Field(default={"kind": "probe"}, validate_default=True)
    """The learner of the image part, with its own options; a probe if no kind is given."""
    columns: tuple[str, ...] = ()
    """Columns of the table: numbers, or words that repeat."""
    text: tuple[str, ...] = Field(default=(), validate_default=True)
    """Columns of free text, as a report."""

    @field_validator("image")
    @classmethod
    def of_a_learner(cls, image: dict[str, Any]) -> dict[str, Any]:
        if image.get("kind") == "late-fusion":
            raise ValueError("the image part is a learner of its own, as probe or finetune")
        return check({"learner": {"kind": "probe", **image}}, "learner.image").learner

    @field_validator("text")
    @classmethod
    def something(cls, text: tuple[str, ...], told: ValidationInfo) -> tuple[str, ...]:
        named = [*told.data.get("columns", ()), *text]
        if not named:
            raise ValueError("name what stands beside the image, under text, columns or both")
        if len(set(named)) < len(named):
            raise ValueError("a column is named twice, there or under columns")
        return text
