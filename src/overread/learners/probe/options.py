"""What a recipe may say under `learner` for a probe."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from overread.learners.base import Answering

HALF_DECADES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1)
"""Inverse strengths C that standardised features of deep networks, some hundred to ten thousand rows of them, need: on real films 1e-5 to 3e-3."""

GRIDS: dict[str, tuple[float, ...]] = {
    "logreg": HALF_DECADES,
    "svm": (1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 1e-2, 1e-1),
    "xgboost": (25, 50, 100, 150, 200, 300, 400, 600),
    "knn": (1, 3, 5, 10, 20, 50, 100, 200),
    "mlp": (1, 10, 100, 1000),
}
"""What is chosen among where a recipe names no strengths."""

COUNTED = ("xgboost", "knn")
"""Heads whose strength is a number of things."""


class Options(Answering):
    kind: Literal["probe"] = "probe"
    head: Literal["logreg", "svm", "xgboost", "knn", "mlp"] = "logreg"
    scale: Literal["standardise", "whiten", "none"] = "standardise"
    """What is done to features before the head; folded into it where it is linear below."""
    strengths: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] | None = None
    """What is chosen among: C of `logreg` and `svm`, weight decay alpha of `mlp`, neighbours of `knn`, rounds of `xgboost`."""
    hidden: Annotated[int, Field(ge=1)] = 64
    """Width of an MLP's dense layer."""
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    """Parts of train, whole components each, by which the strength is chosen."""
    balance: Literal["none", "weights"] = "weights"
    """`weights`: every class weighs the same in all."""
    few_shot: bool = False
    """Also learn from 5, 10, 25 and 50 % of the training components: the score on validation against how many there are."""

    @field_validator("strengths", mode="before")
    @classmethod
    def one_or_several(cls, strengths: object) -> object:
        return (strengths,) if isinstance(strengths, int | float) else strengths

    @field_validator("strengths")
    @classmethod
    def counts(cls, strengths: tuple[float, ...] | None, told: ValidationInfo) -> tuple[float, ...] | None:
        head = told.data.get("head")
        if head in COUNTED and any(strength % 1 for strength in strengths or ()):
            raise ValueError(f"those of {head} are whole numbers")
        return strengths

    @property
    def grid(self) -> tuple[float, ...]:
        """The strengths, rising."""
        return tuple(sorted(self.strengths or GRIDS[self.head]))
