"""The loop: phases of epochs, each judged on the validation rows; the best epoch of all is what remains."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from overread.backbones.machine import Machine
from overread.errors import UserError
from overread.features.batches import split
from overread.imaging.augment import Augmentation
from overread.learners.finetune import checkpoint
from overread.learners.finetune.asked import Asked
from overread.learners.finetune.feed import Feed, Rows, feed
from overread.learners.finetune.options import Phase, Training
from overread.learners.finetune.order import order
from overread.learners.finetune.phases import optimiser, schedule
from overread.learners.finetune.standing import Best, Standing
from overread.learners.network.classifier import Classifier
from overread.progress import note, track
from overread.run import Workspace

LAYOUT = 2
"""Part of every checkpoint's identity; raise it when what is kept, or what is a function of seed and epoch, changes its meaning."""


Answers = tuple[Tensor, Tensor]
"""Logits, and the codes of the same rows."""


@dataclass(frozen=True)
class Course:
    """Everything one training needs; `run` leaves the best weights in the classifier."""

    classifier: Classifier
    task: Asked
    options: Training
    augmentation: Augmentation
    train: Rows
    val: Rows
    machine: Machine
    seed: int
    workspace: Workspace

    def run(self) -> None:
        """Train, or go on from the checkpoint in the workspace; every epoch leaves one there, and the last one is the trained network."""
        standing = self._begin()
        while standing.place.phase <= len(self.options.phases):
            phase = self.options.phases[standing.place.phase - 1]
            if not standing.place.over(phase, self.options.stop.patience):
                self._phase(phase, standing)
            self.classifier.load_state_dict(standing.best.state)
            standing.next_phase()
            self._keep(standing)

    def _phase(self, phase: Phase, standing: Standing) -> None:
        """The epochs of a phase that are not over yet."""
        place = standing.place
        self.classifier.free(phase.trains)
        standing.move(self.classifier)
        inputs = feed(phase, self.classifier, self.train, self.val, self.augmentation, self.machine, self.seed)
        optimizer = optimiser(self.classifier, phase, self.options.weight_decay)
        standing.steer(optimizer)
        rates = schedule(optimizer, phase, len(split(np.arange(len(self.train.codes)), self.options.batch)))
        while not place.over(phase, self.options.stop.patience):
            self._epoch(phase, inputs, optimizer, rates, standing)
            self._keep(standing, optimizer)

    def _epoch(self, phase: Phase, inputs: Feed, optimizer: torch.optim.Optimizer, rates: Any, standing: Standing) -> None:
        """Learn from every training row once, judge, and say so in the log."""
        place, where = standing.place, f"phase {standing.place.phase} ({phase.trains})"
        began = perf_counter()
        loss, learnt = self._pass(inputs, optimizer, rates, place.turn, place.epoch + 1, f"{where}, epoch {place.turn + 1}/{phase.epochs}")
        trained = perf_counter()
        logits = inputs.validate()
        if not torch.isfinite(logits).all():
            raise _diverged(where)
        scores, targets = self._judge(learnt, logits)
        better = standing.best.offer(scores, self.classifier)
        place.advance(better, phase.warm_up)
        self._tell(
            phase=place.phase,
            trains=phase.trains,
            epoch=place.epoch,
            train_loss=float(np.mean([told["train_loss"] for told in targets.values()])) if targets else loss,
            **_named(scores, "val_"),
            **({"targets": targets} if targets else {}),
            rate=max(group["lr"] for group in optimizer.param_groups),
            images_per_second=len(self.train.codes) / (trained - began),
            seconds=perf_counter() - began,
            best=better,
        )

    def _pass(self, inputs: Feed, optimizer: torch.optim.Optimizer, rates: Any, turn: int, epoch: int, what: str) -> tuple[float, Answers]:
        """One pass over the training rows; its mean loss, and what the network said of each row when it learnt from it."""
        self.classifier.training_mode()
        device = self.machine.device
        pieces = split(order(self.train.codes, self.options.balance, self.seed, epoch), self.options.batch)
        codes, weights = torch.from_numpy(self.train.codes), self._weights.to(device)
        total, said = torch.zeros((), device=device), []
        for step, (batch, piece) in enumerate(zip(track(inputs.batches(pieces, epoch), what, len(pieces)), pieces, strict=True)):
            rates.step_update(turn * len(pieces) + step)
            with self.machine.autocast():
                logits = inputs.forward(batch.to(device, non_blocking=True))
            loss = self.task.loss(logits, codes[piece].to(device), weights)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach() * len(piece)
            said.append(logits.detach())
        mean = float(total) / len(codes)
        if not np.isfinite(mean):
            raise _diverged(what)
        return mean, (torch.cat(said).cpu(), codes[np.concatenate(pieces)])

    def _judge(self, learnt: Answers, logits: Tensor) -> tuple[dict[str, float], dict[str, dict[str, Any]]]:
        """Scores on the validation rows; and, of several targets, what the log says of each."""
        val = (logits, torch.from_numpy(self.val.codes), self._weights)
        seen, counts = self.task.by_target(*learnt, self._weights), self.task.counts()
        targets = {
            name: {"train_loss": seen[name]["loss"], **_named(scores, "val_"), "weight": counts[name]}
            for name, scores in self.task.by_target(*val).items()
        }
        return self.task.scores(*val), targets

    @property
    def _weights(self) -> Tensor:
        """(classes,) float32, what a row of each class counts in the loss."""
        return self.task.weigh(self.train.codes) if self.options.balance == "weights" else torch.ones(self.task.classes)

    def _begin(self) -> Standing:
        """The beginning, or where the workspace's checkpoint says; later epochs are taken out of the log.

        Raises
        ------
        UserError
            The checkpoint is damaged, or of another training or network.
        """
        kept = checkpoint.read(self._path)
        if kept is None:
            self.workspace.rewind(0)
            return Standing(Best(self.options.stop.on))
        tensors, told = kept
        if told["of"] != self._identity:
            raise UserError(
                "the checkpoint is of another training: other rows, options or seed", str(self._path), "delete it, or train into another folder"
            )
        standing = Standing.unpack(tensors, told, self.classifier, self.options.stop.on, str(self._path))
        self.workspace.rewind(standing.place.epoch)
        note(f"going on after epoch {standing.place.epoch}")
        return standing

    def _keep(self, standing: Standing, optimizer: torch.optim.Optimizer | None = None) -> None:
        tensors, told = standing.pack(self.classifier, optimizer)
        checkpoint.write(self._path, tensors, {"of": self._identity, **told})

    @property
    def _path(self) -> Path:
        return self.workspace.folder / "checkpoint.safetensors"

    @cached_property
    def _identity(self) -> str:
        """SHA-256 of what makes this training the one it is: rows, options (of a start its numbers, not its place), seed, weights begun from."""
        rows = [[part.pictures.rows, part.pictures.hashes, part.pictures.fitting.key, part.codes.tolist()] for part in (self.train, self.val)]
        options, began = self.options.model_dump(mode="json", exclude={"start"}), self.classifier.trunk.sha256
        told = [LAYOUT, options, asdict(self.augmentation), self.task.identity, self.seed, rows, began]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def _tell(self, **event: Any) -> None:
        """One line to the log, and one for whoever watches."""
        self.workspace.log(**event)
        aurocs = {f" {name}": told["val_auroc"] for name, told in event.get("targets", {"": event}).items()}
        note(
            f"phase {event['phase']} ({event['trains']}) epoch {event['epoch']}: loss {event['train_loss']:.3f}, validation {event['val_loss']:.3f}"
            + "".join(f", AUROC{name.rstrip()} {score:.3f}" for name, score in aurocs.items() if score is not None)
            + (" *" if event["best"] else "")
        )


def _named(scores: dict[str, float], before: str) -> dict[str, float | None]:
    """Scores as the log has them."""
    return {before + name: None if np.isnan(score) else score for name, score in scores.items()}


def _diverged(where: str) -> UserError:
    return UserError(f"the loss is no number any more in {where}", "learner.phases", "lower that phase's rate, or warm up")
