"""CLIP asked in words: each class is what its prompts say, and nothing is learnt; the baseline that a trained model must beat."""

from pathlib import Path
from typing import TYPE_CHECKING

from overread.learners.zero_shot.options import Options as Schema
from overread.registry import LEARNERS

if TYPE_CHECKING:
    from overread.catalog import Catalog
    from overread.learners.network.model import NetworkModel
    from overread.recipe import Recipe
    from overread.run import Workspace


@LEARNERS.register("zero-shot")
class ZeroShot:
    """The learner; torch is imported when it is put to work, and open_clip only to read the prompts."""

    Options = Schema

    @staticmethod
    def fit(catalog: "Catalog", recipe: "Recipe", workspace: "Workspace", seed: int) -> "NetworkModel":
        from overread.learners.zero_shot.fit import fit

        return fit(catalog, recipe, workspace)

    @staticmethod
    def load(folder: Path) -> "NetworkModel":
        from overread.learners.network.model import NetworkModel

        return NetworkModel.load(folder)
