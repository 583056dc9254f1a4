"""From a split catalog and a recipe to one network that answers several questions."""

import numpy as np

from overread.backbones.machine import computing
from overread.catalog import Catalog
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.learners.finetune.feed import Rows
from overread.learners.finetune.fit import augmentation, begin, check, labelled, seeded
from overread.learners.finetune.train import Course
from overread.learners.multitask.heads import Heads
from overread.learners.multitask.model import MultitaskModel
from overread.learners.multitask.options import Options
from overread.learners.multitask.tasks import Tasks, asked, encode
from overread.learners.network.classifier import Classifier
from overread.learners.network.start import Start
from overread.progress import note
from overread.recipe import Recipe
from overread.run import Workspace


def fit(catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int) -> MultitaskModel:
    """Train the recipe's backbone for all its questions on the train rows, choosing the epoch by the val rows; go on from a checkpoint.

    A row counts for the targets it has a label of; rows without any, and those whose pixels repeat another's, take no part. The same seed,
    data and number of threads on the same kind of processor give the same model; torch's global generator is left as it was.

    Raises
    ------
    UserError
        Fewer than two questions, one the data do not ask, a weight of one that is not answered; of a target no labelled row in train or val,
        or rows of one class alone; and what `overread.learners.finetune.fit.fit` refuses.
    """
    options = Options.model_validate(recipe.learner)
    tasks = asked(catalog, options)
    for task in tasks:
        check(labelled(catalog, task, "train"), labelled(catalog, task, "val"), task, options)
    train, val = (_labelled(catalog.part(split), [task.name for task in tasks]) for split in ("train", "val"))
    with computing(recipe.runtime) as machine, seeded(seed):
        start = Start.read(options.start) if options.start else None
        trunk = begin(recipe, options, start)
        heads = Heads(options.head, trunk.features, tasks, options.weights)
        if start:
            filled = [task.name for task, layers in heads.by_task(tasks) if start.fill(layers, options.head, task)]
            note(f"going on from model {start.name}: its trunk, and its heads of {', '.join(filled) or 'no target'}")
        classifier = Classifier(trunk, heads).to(machine.device)
        fitting = Fitting.of(recipe.image, trunk.preprocess.size)
        model = MultitaskModel(classifier, options.head, tasks, fitting, recipe.runtime, options.weights)
        note(str(model.summary))
        codes = encode(train, tasks)
        Course(
            classifier=classifier,
            task=Tasks(tasks, tuple((codes >= 0).mean(0).tolist()), heads.weighing),
            options=options,
            augmentation=augmentation(options),
            train=Rows(Pictures(train.frame, fitting, Cache()), codes),
            val=Rows(Pictures(val.frame, fitting, Cache()), encode(val, tasks)),
            machine=machine,
            seed=seed,
            workspace=workspace,
        ).run()
    classifier.requires_grad_(True).eval()
    return model


def _labelled(part: Catalog, names: list[str]) -> Catalog:
    """The rows with a label of any of these."""
    return part.only(np.asarray(part.frame[names].notna().any(axis=1)))
