"""A training that goes on from a model of this house: its trunk, and its head where that answers the same question."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor, nn

from overread.backbones.create import Trunk, create, restore
from overread.backbones.preprocess import Preprocess
from overread.errors import UserError
from overread.learners.base import describe
from overread.learners.network.classifier import BELOW, HEADS
from overread.learners.network.head import Head
from overread.learners.network.stored import TENSORS, putting_together
from overread.learners.network.task import Task
from overread.recipe import Backbone, Image
from overread.run import Run, sha256


@dataclass(frozen=True)
class Start:
    """A trained model to go on from.

    Attributes
    ----------
    where : the folder, for errors
    name : what the model is called: the run it is of, or its folder
    told : its `model.json`
    tensors : its numbers by name
    sha256 : of the file that holds them
    """

    where: str
    name: str
    told: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    sha256: str

    @classmethod
    def read(cls, named: str) -> "Start":
        """A model's folder, or a finished run's.

        Raises
        ------
        UserError
            No model is there, its files do not belong together, its run is not done, or it is no network on a backbone.
        """
        given = Path(named).expanduser()
        folder = Run.open(given).folder / "model" if (given / "status.json").is_file() else given
        told = describe(folder)
        if "backbone" not in told or not (folder / TENSORS).is_file():
            raise UserError(f"a {told['kind']} model is not one network", named, "start from a model of learner.kind=finetune, probe or multitask")
        with putting_together(folder):
            tensors = load_file(folder / TENSORS)
        place = folder.resolve()
        return cls(named, (place.parent if place.name == "model" else place).name, told, tensors, sha256(folder / TENSORS))

    def trunk(self, backbone: Backbone, image: Image) -> Trunk:
        """The recipe's backbone with the start's numbers; pretrained weights are not asked for.

        Pixels are normalised as the start was shown them; the size is the recipe's.

        Raises
        ------
        UserError
            Another backbone, another pooling, a size its numbers do not fit, or pixels on another scale.
        """
        fresh = create(_untrained(backbone), Image(size=image.size))
        self._check_same(fresh)
        size, seen = fresh.preprocess.size, Preprocess.from_dict(self.told["preprocess"])
        if image.scale == "unit" and seen != seen.unit():
            raise UserError("the start was shown pixels less a mean, not in [0, 1]", "image.scale", "leave image.scale out: the start's is kept")
        trunk = restore(_sized(self.told["backbone"], size), Preprocess(size, seen.mean, seen.std))
        below = BELOW if any(name.startswith(BELOW) for name in self.tensors) else "network."  # neighbours and trees keep the trunk alone
        state = {name.removeprefix(below): tensor for name, tensor in self.tensors.items() if name.startswith(below)}
        other = next((name for name, tensor in trunk.network.state_dict().items() if name not in state or state[name].shape != tensor.shape), None)
        if other is not None:
            what = f"the start's {other} is missing or of another shape than {trunk.name} has at {size} px"
            raise UserError(what, self.where, f"set image.size={seen.size}, the start's")
        trunk.network.load_state_dict(state)
        for member in {trunk, *trunk.members}:
            member.origin, member.sha256 = f"model {self.name}, begun from {member.origin}", self.sha256
        return trunk

    def fill(self, layers: nn.Sequential, head: Head, task: Task) -> bool:
        """Put the start's head into new layers if it answers the same question by the same layers; whether it does."""
        asked, built = self.told["targets"].get(task.name), {**self.told["head"], "dropout": None}
        if asked != {**asdict(task.target), "classes": list(task.target.classes)} or built != {**head.model_dump(mode="json"), "dropout": None}:
            return False
        several = any(name.startswith(HEADS) for name in self.tensors)
        stem = f"{HEADS}{list(self.told['targets']).index(task.name)}." if several else "head."
        own = sorted((name for name in self.tensors if name.startswith(stem)), key=_place)
        layers.load_state_dict({mine: self.tensors[theirs] for mine, theirs in zip(sorted(layers.state_dict(), key=_place), own, strict=True)})
        return True

    def _check_same(self, fresh: Trunk) -> None:
        """The same networks, pooled in the same way."""
        theirs, ours = self.told["backbone"], fresh.told()
        for key, words in (("name", "has the backbone"), ("pool", "pools its backbone by")):
            was, wanted = ([member.get(key, "own") for member in told.get("members", [told])] for told in (theirs, ours))
            if was != wanted:
                what = f"the start {words} {' + '.join(was)}, the recipe {' + '.join(wanted)}"
                raise UserError(what, self.where, f"set backbone.{key} as the start's, or drop learner.start")


def _untrained(backbone: Backbone) -> Backbone:
    return backbone.model_copy(update={"pretrained": False, "weights": None, "beside": tuple(_untrained(other) for other in backbone.beside)})


def _sized(told: Mapping[str, Any], size: int) -> dict[str, Any]:
    """A trunk's description with its members at that size."""
    if "members" not in told:
        return dict(told)
    return {**told, "members": [{**member, "preprocess": {**member["preprocess"], "size": size}} for member in told["members"]]}


def _place(name: str) -> tuple[int, bool]:
    """Where a tensor of a head stands: layer by layer, weight before bias, wherever dropouts stand between."""
    *_, layer, kind = name.split(".")
    return int(layer), kind == "bias"
