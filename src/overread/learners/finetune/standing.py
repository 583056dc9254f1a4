"""Where a training stands between two epochs, and all that going on from there needs, as tensors and counters.

Going on gives bit for bit, on one processor and the same versions, what an undisturbed training gives. So what is kept is what an epoch
begins from: the network, the optimiser's moments, torch's random states (dropout), the best state so far, and counters. Three things need
no keeping, as they are functions: rates of the counters (`phases.schedule`), the order of the rows and the sampler's draws of seed and
epoch (`batches.order`), augmentation of seed, epoch and row (`augment.Augmenter`).
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from overread.errors import UserError
from overread.learners.finetune.checkpoint import Tensors, checksum
from overread.learners.finetune.options import Phase
from overread.learners.network.classifier import Classifier


@dataclass
class Best:
    """The best epoch so far; of two equal ones, that with the smaller loss."""

    on: str
    score: tuple[float, float] = (-np.inf, -np.inf)
    state: Tensors = field(default_factory=dict)

    def offer(self, scores: dict[str, float], classifier: Classifier) -> bool:
        """Whether these scores are better; if so, the weights are kept."""
        score = (-scores["loss"] if self.on == "loss" else scores[self.on], -scores["loss"])
        if score <= self.score:
            return False
        self.score = score
        self.state = _copy(classifier)
        return True


@dataclass
class Place:
    """Counters: the phase (from 1), its epochs that are over, those since the best one outside the warm-up, and all epochs so far."""

    phase: int = 1
    turn: int = 0
    stale: int = 0
    epoch: int = 0

    def over(self, phase: Phase, patience: int) -> bool:
        return self.turn >= phase.epochs or self.stale >= patience

    def advance(self, better: bool, warm_up: int) -> None:
        """One more epoch is over."""
        self.stale = 0 if better or self.turn < warm_up else self.stale + 1
        self.turn += 1
        self.epoch += 1


@dataclass
class Standing:
    """What changes from epoch to epoch.

    Attributes
    ----------
    moved : names of the network's state that some phase so far has let move; only these are kept, the others come from where they came from
    still : checksum of those others
    moments : the optimiser's state as it was kept, until `steer` hands it over
    """

    best: Best
    place: Place = field(default_factory=Place)
    moved: set[str] = field(default_factory=set)
    still: str = ""
    moments: Tensors = field(default_factory=dict)

    def next_phase(self) -> None:
        """A phase is over; its optimiser is done with."""
        self.place, self.moments = Place(self.place.phase + 1, epoch=self.place.epoch), {}

    def move(self, classifier: Classifier) -> None:
        """Another phase begins, in which what the classifier frees moves."""
        self.moved |= classifier.moving()
        self.still = _still(classifier, self.moved)

    def steer(self, optimizer: torch.optim.Optimizer) -> None:
        """Give a phase's new optimiser the moments that were kept in that phase, laid out as its parameters are: steps are then as fast."""
        if not self.moments:
            return
        state: dict[int, Tensors] = {}
        parameters = _parameters(optimizer)
        for name, value in self.moments.items():
            number, _, key = name.partition(".")
            like = parameters[int(number)]
            alike = torch.empty_like(like, device=value.device).copy_(value) if value.shape == like.shape else value
            state.setdefault(int(number), {})[key] = alike
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        self.moments = {}

    def pack(self, classifier: Classifier, optimizer: torch.optim.Optimizer | None) -> tuple[Tensors, dict[str, Any]]:
        """What `unpack` needs; the best state only where it differs from the present one."""
        now, best = classifier.state_dict(), self.best.state
        groups = {
            "model": {name: now[name] for name in self.moved},
            "best": {name: best[name] for name in self.moved if not torch.equal(best[name], now[name])},
            "optimiser": _moments(optimizer) if optimizer else {},
            "random": _random(next(classifier.parameters()).device),
        }
        tensors = {f"{group}/{name}": tensor for group, part in groups.items() for name, tensor in part.items()}
        return tensors, {"place": asdict(self.place), "score": self.best.score, "still": self.still}

    @classmethod
    def unpack(cls, tensors: Tensors, told: dict[str, Any], classifier: Classifier, on: str, where: str) -> "Standing":
        """Put the classifier and torch's random states where they were, and tell where that is.

        Raises
        ------
        UserError
            The checkpoint is of another network, or what it did not keep is not what it was.
        """
        model, best, moments, random = (_group(tensors, name) for name in ("model", "best", "optimiser", "random"))
        state = classifier.state_dict()
        for name, tensor in model.items():
            if name not in state or state[name].shape != tensor.shape:
                raise UserError(
                    f"the checkpoint is of another network: it has {name} of shape {tuple(tensor.shape)}",
                    where,
                    "name the backbone and head it is of",
                )
        if _still(classifier, set(model)) != told["still"]:
            raise UserError(
                "the checkpoint is of another network: the weights that were not trained are others",
                where,
                "go on with the pretrained weights and versions it was begun with",
            )
        classifier.load_state_dict({**state, **model})
        _put_back(random)
        copy = _copy(classifier)
        kept = Best(on, tuple(told["score"]), {**copy, **{name: tensor.to(copy[name].device) for name, tensor in best.items()}})
        return cls(kept, Place(**told["place"]), set(model), told["still"], moments)


def _copy(classifier: Classifier) -> Tensors:
    return {name: tensor.detach().clone() for name, tensor in classifier.state_dict().items()}


def _still(classifier: Classifier, moved: set[str]) -> str:
    return checksum({name: tensor for name, tensor in classifier.state_dict().items() if name not in moved})


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _moments(optimizer: torch.optim.Optimizer) -> Tensors:
    states = enumerate(optimizer.state[parameter] for parameter in _parameters(optimizer))
    return {f"{number}.{key}": value for number, state in states for key, value in state.items()}


def _group(tensors: Tensors, group: str) -> Tensors:
    return {name.removeprefix(f"{group}/"): tensor for name, tensor in tensors.items() if name.startswith(f"{group}/")}


def _random(device: torch.device) -> Tensors:
    """States of torch's generators: the processor's, and the device's if it has its own."""
    own = {} if device.type == "cpu" else {device.type: torch.get_device_module(device).get_rng_state()}
    return {"cpu": torch.get_rng_state(), **own}


def _put_back(random: Tensors) -> None:
    """Set the generators; on another kind of device its generator stays as the seed left it."""
    torch.set_rng_state(random["cpu"])
    for kind, state in random.items():
        if kind != "cpu" and torch.get_device_module(kind).is_available():
            torch.get_device_module(kind).set_rng_state(state)
