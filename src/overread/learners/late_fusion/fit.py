"""From a split catalog and a recipe to a fused model."""

from math import isfinite

import numpy as np

from overread.catalog import Catalog
from overread.errors import UserError
from overread.learners.base import Model
from overread.learners.late_fusion.logistic import solve
from overread.learners.late_fusion.model import FusedModel
from overread.learners.late_fusion.options import Options
from overread.learners.late_fusion.table import Table
from overread.learners.late_fusion.together import alone_and_together, combine
from overread.learners.network.task import Task
from overread.progress import note
from overread.recipe import Recipe
from overread.registry import LEARNERS
from overread.run import Workspace


def fit(catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int) -> FusedModel:
    """Learn the table's model and the image's from the train rows, each by itself, and how to put them together from the val rows.

    Rows without a label, and those whose pixels repeat another's, take no part.

    Raises
    ------
    UserError
        A column is missing or says nothing, train or val is of one class, or what the image's learner raises.
    """
    options = Options.model_validate(recipe.learner)
    task = Task.of(catalog, options.target)
    train, val = (_labelled(catalog, task, split) for split in ("train", "val"))
    table = Table.of(train, options.columns, options.text)
    truth, asked = (task.target.encode(part.frame[task.name]) for part in (train, val))
    for name, codes in (("training", truth), ("validation", asked)):
        if len(np.unique(codes)) < 2:
            raise UserError(f"the {name} rows are not of two classes", f"target {task.name}", "split anew, or add rows of the other classes")
    component = [part.frame["component"].to_numpy() for part in (train, val)]
    regression, strength = solve(table.encode(train), truth, len(task.target.classes), component[0], seed)
    own = recipe.model_copy(update={"learner": options.image})
    image: Model = LEARNERS.get(options.image["kind"]).fit(catalog.asking(task.name), own, workspace, seed)
    seen, read = image.predict(val).iloc[:, 1:].to_numpy(), regression(table.encode(val))
    together = combine(seen, read, asked)
    areas = {name: round(area, 4) for name, area in alone_and_together(seen, read, asked, component[1], seed).items() if isfinite(area)}
    workspace.log(event="fusion", val_rows=len(val), val_auroc=areas, strength=strength, image_weight=together.image, table_weight=together.table)
    note(f"validation AUROC: {', '.join(f'{name} {area:.3f}' for name, area in areas.items())}")
    for name, weight in (("image", together.image), ("table", together.table)):
        if weight < 1e-9:
            note(f"the {name} says nothing of the validation rows that would help: its weight is 0, and it is not heard")
    return FusedModel(image, table, regression, together, areas, len(val))


def _labelled(catalog: Catalog, task: Task, split: str) -> Catalog:
    """The rows of a split that count and have a label."""
    part = catalog.part(split)
    return part.only(part.frame[task.name].notna())
