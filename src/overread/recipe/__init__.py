"""A recipe: everything a run was told, as data; torch-free, and refusing what it does not know."""

from overread.recipe.load import check, load, names
from overread.recipe.schema import (
    CONDITION,
    Backbone,
    Dicom,
    Evaluation,
    Explain,
    Image,
    Recipe,
    Runtime,
    Split,
    Strict,
    TargetSensitivity,
)
from overread.recipe.text import parse

__all__ = [
    "CONDITION",
    "Backbone",
    "Dicom",
    "Evaluation",
    "Explain",
    "Image",
    "Recipe",
    "Runtime",
    "Split",
    "Strict",
    "TargetSensitivity",
    "check",
    "load",
    "names",
    "parse",
]
