"""A router that tells the body part, an expert a part that answers, and a pooled expert where a part is too small for its own."""

from pathlib import Path
from typing import TYPE_CHECKING

from overread.learners.cascade.options import Options as Schema
from overread.registry import LEARNERS

if TYPE_CHECKING:
    from overread.catalog import Catalog
    from overread.learners.cascade.model import CascadeModel
    from overread.recipe import Recipe
    from overread.run import Workspace


@LEARNERS.register("cascade")
class Cascade:
    """The learner; torch is imported when it is put to work."""

    Options = Schema

    @staticmethod
    def fit(catalog: "Catalog", recipe: "Recipe", workspace: "Workspace", seed: int) -> "CascadeModel":
        from overread.learners.cascade.fit import fit

        return fit(catalog, recipe, workspace, seed)

    @staticmethod
    def load(folder: Path) -> "CascadeModel":
        from overread.learners.cascade.model import CascadeModel

        return CascadeModel.load(folder)
