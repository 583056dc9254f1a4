"""The loop: phases of epochs, each judged on the validation rows; the best epoch of all is what remains."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from overread.errors import UserError
from overread.imaging.augment import Augmentation
from overread.imaging.pictures import Pictures
from overread.learners.finetune.augment import Augmenter
from overread.learners.finetune.batches import ahead, order, split, stack
from overread.learners.finetune.infer import infer
from overread.learners.finetune.machine import Machine
from overread.learners.finetune.network import Classifier
from overread.learners.finetune.options import Options, Phase
from overread.learners.finetune.phases import optimiser, schedule
from overread.learners.finetune.task import Task, class_weights
from overread.progress import note, track


@dataclass(frozen=True)
class Rows:
    """Pictures and the classes they belong to, (n,) int64."""

    pictures: Pictures
    codes: np.ndarray


@dataclass(frozen=True)
class Feed:
    """Where a phase's inputs come from and what makes logits of them."""

    batches: Callable[[Sequence[np.ndarray], int], Iterator[Tensor]]
    forward: Callable[[Tensor], Tensor]
    validate: Callable[[], Tensor]


@dataclass
class Best:
    """The best epoch so far; of two equal ones, that with the smaller loss."""

    on: str
    score: tuple[float, float] = (-np.inf, -np.inf)
    state: dict[str, Tensor] = field(default_factory=dict)

    def offer(self, scores: dict[str, float], classifier: Classifier) -> bool:
        """Whether these scores are better; if so, the weights are kept."""
        score = (-scores["loss"] if self.on == "loss" else scores[self.on], -scores["loss"])
        if score <= self.score:
            return False
        self.score = score
        self.state = {name: tensor.detach().clone() for name, tensor in classifier.state_dict().items()}
        return True


@dataclass(frozen=True)
class Course:
    """Everything one training needs; `run` leaves the best weights in the classifier."""

    classifier: Classifier
    task: Task
    options: Options
    augmentation: Augmentation
    train: Rows
    val: Rows
    machine: Machine
    seed: int
    log: Callable[..., None]

    def run(self) -> None:
        classes = len(self.task.target.classes)
        weights = class_weights(self.train.codes, classes) if self.options.balance == "weights" else torch.ones(classes)
        best, epoch = Best(self.options.stop.on), 0
        for number, phase in enumerate(self.options.phases, 1):
            self.classifier.free(phase.trains)
            feed = self._feed(phase)
            optimizer = optimiser(self.classifier, phase, self.options.weight_decay)
            rates = schedule(optimizer, phase, len(split(np.arange(len(self.train.codes)), self.options.batch)))
            stale = 0
            for turn in range(phase.epochs):
                epoch += 1
                began = perf_counter()
                loss = self._epoch(feed, optimizer, rates, weights, turn, epoch, f"phase {number} ({phase.trains}), epoch {turn + 1}/{phase.epochs}")
                trained = perf_counter()
                logits = feed.validate()
                if not torch.isfinite(logits).all():
                    raise _diverged(f"phase {number} ({phase.trains})")
                scores = self.task.scores(logits, torch.from_numpy(self.val.codes), weights)
                better = best.offer(scores, self.classifier)
                self._tell(
                    phase=number,
                    trains=phase.trains,
                    epoch=epoch,
                    train_loss=loss,
                    **{f"val_{name}": None if np.isnan(score) else score for name, score in scores.items()},
                    rate=max(group["lr"] for group in optimizer.param_groups),
                    images_per_second=len(self.train.codes) / (trained - began),
                    seconds=perf_counter() - began,
                    best=better,
                )
                stale = 0 if better or turn < phase.warm_up else stale + 1
                if stale >= self.options.stop.patience:
                    break
            self.classifier.load_state_dict(best.state)

    def _epoch(self, feed: Feed, optimizer: torch.optim.Optimizer, rates: Any, weights: Tensor, turn: int, epoch: int, what: str) -> float:
        """One pass over the training rows; its mean loss."""
        self.classifier.training_mode()
        device = self.machine.device
        pieces = split(order(self.train.codes, self.options.balance, self.seed, epoch), self.options.batch)
        codes, weights = torch.from_numpy(self.train.codes), weights.to(device)
        total = torch.zeros((), device=device)
        for step, (batch, piece) in enumerate(zip(track(feed.batches(pieces, epoch), what, len(pieces)), pieces, strict=True)):
            rates.step_update(turn * len(pieces) + step)
            with self.machine.autocast():
                logits = feed.forward(batch.to(device, non_blocking=True))
            loss = self.task.loss(logits, codes[piece].to(device), weights)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach() * len(piece)
        mean = float(total) / len(codes)
        if not np.isfinite(mean):
            raise _diverged(what)
        return mean

    def _feed(self, phase: Phase) -> Feed:
        """Pictures through the network; or, where the trunk rests and pictures do not change, features that are computed once."""
        trunk, preprocess = self.classifier.trunk, self.classifier.trunk.preprocess
        if phase.trains == "head" and self.augmentation == Augmentation():
            self.classifier.eval()
            train, val = (infer(trunk, rows.pictures, preprocess, self.machine, "features") for rows in (self.train, self.val))
            return Feed(lambda pieces, _: (train[piece] for piece in pieces), self.classifier.head, lambda: self._quietly(val))
        change = Augmenter(self.augmentation, self.seed)
        return Feed(
            lambda pieces, epoch: ahead(stack(self.train.pictures, change, epoch), pieces, self.machine.helpers),
            lambda batch: self.classifier(preprocess.normalise(batch)),
            lambda: infer(self.classifier.eval(), self.val.pictures, preprocess, self.machine, "validation"),
        )

    def _quietly(self, features: Tensor) -> Tensor:
        """The head over features, as at prediction."""
        with torch.inference_mode():
            logits: Tensor = self.classifier.eval().head(features.to(self.machine.device)).cpu()
        return logits

    def _tell(self, **event: Any) -> None:
        """One line to the log, and one for whoever watches."""
        self.log(**event)
        score = event.get("val_auroc")
        note(
            f"phase {event['phase']} ({event['trains']}) epoch {event['epoch']}: loss {event['train_loss']:.3f}, validation {event['val_loss']:.3f}"
            + (f", AUROC {score:.3f}" if score is not None else "")
            + (" *" if event["best"] else "")
        )


def _diverged(where: str) -> UserError:
    return UserError(f"the loss is no number any more in {where}", "learner.phases", "lower that phase's rate, or warm up")
