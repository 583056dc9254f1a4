"""A solved head on a frozen backbone: features once, then logistic regression, SVM, trees, neighbours or a small MLP, in minutes."""

from pathlib import Path
from typing import TYPE_CHECKING

from overread.learners.probe.options import Options as Schema
from overread.registry import LEARNERS

if TYPE_CHECKING:
    from overread.catalog import Catalog
    from overread.learners.probe.model import ProbeModel
    from overread.learners.probe.scored import ScoredModel
    from overread.recipe import Recipe
    from overread.run import Workspace


@LEARNERS.register("probe")
class Probe:
    """The learner; torch and scikit-learn are imported when it is put to work."""

    Options = Schema

    @staticmethod
    def fit(catalog: "Catalog", recipe: "Recipe", workspace: "Workspace", seed: int) -> "ProbeModel | ScoredModel":
        from overread.learners.probe.fit import fit

        return fit(catalog, recipe, workspace, seed)

    @staticmethod
    def load(folder: Path) -> "ProbeModel | ScoredModel":
        from overread.learners.probe.load import load

        return load(folder)
