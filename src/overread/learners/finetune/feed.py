"""What a phase is fed: pictures through the whole network, or, where nothing below the head changes, features that are computed once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from overread.backbones.machine import Machine
from overread.features.batches import ahead, stack
from overread.features.infer import infer
from overread.imaging.augment import Augmentation
from overread.imaging.pictures import Pictures
from overread.learners.finetune.augment import Augmenter
from overread.learners.finetune.options import Phase
from overread.learners.network.classifier import Classifier


@dataclass(frozen=True)
class Rows:
    """Pictures and the classes they belong to, (n,) int64."""

    pictures: Pictures
    codes: np.ndarray


@dataclass(frozen=True)
class Feed:
    """Where a phase's inputs come from and what makes logits of them.

    Attributes
    ----------
    batches : from row numbers, batch by batch, and the epoch to the inputs of each batch
    forward : from those to logits
    validate : logits of all validation rows, on the processor
    """

    batches: Callable[[Sequence[np.ndarray], int], Iterator[Tensor]]
    forward: Callable[[Tensor], Tensor]
    validate: Callable[[], Tensor]


def feed(phase: Phase, classifier: Classifier, train: Rows, val: Rows, augmentation: Augmentation, machine: Machine, seed: int) -> Feed:
    """Features where the trunk rests and pictures do not change, pictures otherwise."""
    if phase.trains == "head" and augmentation == Augmentation():
        return _features(classifier, train, val, machine)
    preprocess, change = classifier.trunk.preprocess, Augmenter(augmentation, seed)
    return Feed(
        lambda pieces, epoch: ahead(stack(train.pictures, change, epoch), pieces, machine.helpers),
        lambda batch: classifier(preprocess.normalise(batch)),
        lambda: infer(classifier.eval(), val.pictures, preprocess, machine, "validation"),
    )


def _features(classifier: Classifier, train: Rows, val: Rows, machine: Machine) -> Feed:
    trunk = classifier.eval().trunk
    learnt, seen = (infer(trunk, rows.pictures, trunk.preprocess, machine, "features") for rows in (train, val))

    def quietly() -> Tensor:
        """The head over features, as at prediction."""
        with torch.inference_mode():
            logits: Tensor = classifier.eval().head(seen.to(machine.device)).cpu()
        return logits

    return Feed(lambda pieces, _: (learnt[piece] for piece in pieces), classifier.head, quietly)
