"""Several questions answered by one network: one trunk, a head a target, each with its own loss."""

from pathlib import Path
from typing import TYPE_CHECKING

from overread.learners.multitask.options import Options as Schema
from overread.registry import LEARNERS

if TYPE_CHECKING:
    from overread.catalog import Catalog
    from overread.learners.multitask.model import MultitaskModel
    from overread.recipe import Recipe
    from overread.run import Workspace


@LEARNERS.register("multitask")
class Multitask:
    """The learner; torch is imported when it is put to work."""

    Options = Schema

    @staticmethod
    def fit(catalog: "Catalog", recipe: "Recipe", workspace: "Workspace", seed: int) -> "MultitaskModel":
        from overread.learners.multitask.fit import fit

        return fit(catalog, recipe, workspace, seed)

    @staticmethod
    def load(folder: Path) -> "MultitaskModel":
        from overread.learners.multitask.model import MultitaskModel

        return MultitaskModel.load(folder)
