"""A report or columns of the table beside the image: a model of each, and a few weights that put their answers together."""

from pathlib import Path
from typing import TYPE_CHECKING

from overread.learners.late_fusion.options import Options as Schema
from overread.registry import LEARNERS

if TYPE_CHECKING:
    from overread.catalog import Catalog
    from overread.learners.late_fusion.model import FusedModel
    from overread.recipe import Recipe
    from overread.run import Workspace


@LEARNERS.register("late-fusion")
class LateFusion:
    """The learner; torch is imported when it is put to work."""

    Options = Schema

    @staticmethod
    def fit(catalog: "Catalog", recipe: "Recipe", workspace: "Workspace", seed: int) -> "FusedModel":
        from overread.learners.late_fusion.fit import fit

        return fit(catalog, recipe, workspace, seed)

    @staticmethod
    def load(folder: Path) -> "FusedModel":
        from overread.learners.late_fusion.model import FusedModel

        return FusedModel.load(folder)
