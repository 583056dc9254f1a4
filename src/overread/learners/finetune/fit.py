"""From a split catalog and a recipe to a fine-tuned model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from overread.backbones.create import Trunk, create
from overread.backbones.machine import computing
from overread.catalog import Catalog
from overread.errors import UserError
from overread.imaging.augment import PRESETS, Augmentation
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.learners.finetune.feed import Rows
from overread.learners.finetune.options import Options, Training
from overread.learners.finetune.train import Course
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.model import NetworkModel
from overread.learners.network.start import Start
from overread.learners.network.task import Task
from overread.progress import note
from overread.recipe import Recipe
from overread.run import Workspace


def fit(catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int) -> NetworkModel:
    """Fine-tune the recipe's backbone on the train rows, choosing the epoch by the val rows; go on where the workspace has a checkpoint.

    Rows without a label, and those whose pixels repeat another's, take no part. The same seed, data and number of threads on the same
    kind of processor give the same model; torch's global generator is left as it was.

    Raises
    ------
    UserError
        No usable row in train or val, one class only, an unknown stage, a size the backbone cannot take, weights that cannot be had,
        a start of another backbone, or a loss that diverges.
    """
    options = Options.model_validate(recipe.learner)
    task = Task.of(catalog, options.target)
    train, val = (labelled(catalog, task, split) for split in ("train", "val"))
    check(train, val, task, options)
    with computing(recipe.runtime) as machine, seeded(seed):
        start = Start.read(options.start) if options.start else None
        trunk = begin(recipe, options, start)
        layers = build_head(options.head, trunk.features, task.outputs)
        if start:
            note(f"going on from model {start.name}: its trunk, {'and its head' if start.fill(layers, options.head, task) else 'below a new head'}")
        classifier = Classifier(trunk, layers).to(machine.device)
        model = NetworkModel(classifier, options.head, task, Fitting.of(recipe.image, trunk.preprocess.size), recipe.runtime)
        note(str(model.summary))
        Course(
            classifier=classifier,
            task=task,
            options=options,
            augmentation=augmentation(options),
            train=Rows(Pictures(train.frame, model.fitting, Cache()), task.target.encode(train.frame[task.name])),
            val=Rows(Pictures(val.frame, model.fitting, Cache()), task.target.encode(val.frame[task.name])),
            machine=machine,
            seed=seed,
            workspace=workspace,
        ).run()
    classifier.requires_grad_(True).eval()
    return model


def begin(recipe: Recipe, options: Training, start: Start | None) -> Trunk:
    """The trunk that training begins with: the start's, or the recipe's with its pretrained weights; what is to train is there."""
    trunk = start.trunk(recipe.backbone, recipe.image) if start else create(recipe.backbone, recipe.image)
    for phase in options.phases:
        trunk.blocks.trained(phase.trains)
    return trunk


def augmentation(options: Training) -> Augmentation:
    """The preset, with its mirror image where no side matters, and turned as far as it is told to."""
    preset = PRESETS[options.augment]
    mirrored = replace(preset, flip_horizontal=0.5) if options.mirror else preset
    return mirrored if options.rotate is None else replace(mirrored, rotate=options.rotate)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """torch's generators at this seed inside, as they were after."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def labelled(catalog: Catalog, task: Task, split: str) -> Catalog:
    """The rows of a split that count and have a label."""
    part = catalog.part(split)
    return part.only(part.frame[task.name].notna())


def check(train: Catalog, val: Catalog, task: Task, options: Training) -> None:
    """There is something to learn from and something to choose by."""
    for name, part in (("train", train), ("val", val)):
        if not len(part):
            raise UserError(f"no labelled row in {name}", f"target {task.name}", "give the split another share, or label more rows")
    classes = [len(np.unique(task.target.encode(part.frame[task.name]))) for part in (train, val)]
    if classes[0] < 2:
        raise UserError("the training rows are all of one class", f"target {task.name}", "split anew, or add rows of the other classes")
    if classes[1] < 2 and options.stop.on != "loss":
        raise UserError(
            "the validation rows are all of one class", f"target {task.name}", "give validation a larger share, or set learner.stop.on=loss"
        )
    if len(train) < 2:
        raise UserError("one training row", f"target {task.name}", "add rows")
