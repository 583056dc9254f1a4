"""A pretrained network with a new head, trained in phases: the head first, then from a stage upward."""

from pathlib import Path
from typing import TYPE_CHECKING

from overread.learners.finetune.options import Options as Schema
from overread.registry import LEARNERS

if TYPE_CHECKING:
    from overread.catalog import Catalog
    from overread.learners.network.model import NetworkModel
    from overread.recipe import Recipe
    from overread.run import Workspace


@LEARNERS.register("finetune")
class Finetune:
    """The learner; torch is imported when it is put to work."""

    Options = Schema

    @staticmethod
    def fit(catalog: "Catalog", recipe: "Recipe", workspace: "Workspace", seed: int) -> "NetworkModel":
        from overread.learners.finetune.fit import fit

        return fit(catalog, recipe, workspace, seed)

    @staticmethod
    def load(folder: Path) -> "NetworkModel":
        from overread.learners.network.model import NetworkModel

        return NetworkModel.load(folder)
