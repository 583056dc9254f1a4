"""What a recipe may say under `learner` for CLIP asked in words."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from overread.catalog import Target
from overread.errors import UserError, nearest
from overread.learners.base import Answering

CLASS = "{class}"

Prompts = Annotated[tuple[str, ...], Field(min_length=1)]


class Options(Answering):
    kind: Literal["zero-shot"] = "zero-shot"
    prompts: dict[str, Prompts] = Field(default={})
    """Class to what its images show, in words; a class without prompts has those of the templates."""
    templates: Prompts = ("a medical image showing {class}.", "a radiology image of {class}.", "a scan with {class}.")
    """Sentences with the name of the class in the place of {class}."""

    @field_validator("templates")
    @classmethod
    def with_a_place(cls, templates: tuple[str, ...]) -> tuple[str, ...]:
        bare = [one for one in templates if CLASS not in one]
        if bare:
            raise ValueError(f"{bare[0]!r} has no place for the class: write {CLASS} in it")
        return templates

    def asked(self, target: Target) -> list[list[str]]:
        """The prompts of every class, in the order of the target's classes.

        Raises
        ------
        UserError
            Prompts are given for a class that there is none of.
        """
        for name in self.prompts:
            if name not in target.classes:
                raise UserError(f"the data have no class {name!r}", "learner.prompts", nearest(name, target.classes))
        words = {name: " ".join(name.replace("_", " ").split()) for name in target.classes}
        return [list(self.prompts.get(name) or [one.replace(CLASS, words[name]) for one in self.templates]) for name in target.classes]
