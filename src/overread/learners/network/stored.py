"""What a model on a trunk says of itself in `model.json`, and the trunk that is made of it again, its weights still to be filled in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from overread.backbones.create import Trunk, restore
from overread.backbones.machine import Machine
from overread.backbones.preprocess import Preprocess
from overread.catalog import Target
from overread.errors import UserError
from overread.imaging.fit import Fitting
from overread.learners.network.task import Task
from overread.recipe import Runtime

TENSORS = "model.safetensors"

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Base:
    """What a model stands on, and what it answers: one question, or `others` as well."""

    trunk: Trunk
    task: Task
    fitting: Fitting
    runtime: Runtime
    others: tuple[Task, ...] = ()

    @property
    def tasks(self) -> tuple[Task, ...]:
        return (self.task, *self.others)


def tell(base: Base) -> dict[str, Any]:
    """What `rebuild` makes the same from, and who made it."""
    trunk = base.trunk
    return {
        "overread": version("overread"),
        "backbone": trunk.told(),
        "preprocess": asdict(trunk.preprocess),
        "image": asdict(base.fitting),
        "targets": {task.name: asdict(task.target) for task in base.tasks},
        "precision": "bf16" if Machine.of(base.runtime).bf16 else "fp32",
    }


def rebuild(told: Mapping[str, Any]) -> Base:
    """The trunk, still to be filled, and what stands beside it."""
    preprocess = Preprocess.from_dict(told["preprocess"])
    task, *others = (Task(name, Target(target["kind"], tuple(target["classes"]), target["positive"])) for name, target in told["targets"].items())
    trunk = restore(told["backbone"], preprocess)
    return Base(trunk, task, Fitting.from_dict(told["image"]), Runtime(precision=_precision(told["precision"])), tuple(others))


def filled(make: Callable[[], tuple[Base, Network]], file: Path) -> tuple[Base, Network]:
    """What `make` makes, its network filled with a file's tensors; torch's generator is left as it was.

    Most of the time of loading would go into random weights that are thrown away, so the network is made without numbers first. Whatever its
    maker computes and does not save (tables of positions) would be lacking then; such a network is made in the ordinary way. Numbers are
    copied out of the file, not mapped: a model must not change because its file does.
    """
    tensors = {name: tensor.clone() for name, tensor in load_file(file).items()}
    with torch.random.fork_rng():
        with suppress(RuntimeError, UserError):  # in the ordinary way it fails again, if it is not for want of numbers
            with torch.device("meta"):
                base, network = make()
            network.load_state_dict(tensors, assign=True)
            if not any(tensor.is_meta for tensor in (*network.parameters(), *network.buffers())):
                tensors.clear()  # each goes as soon as it is laid out anew
                base.trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
                return base, network
        base, network = make()
    network.load_state_dict(tensors)
    return base, network


def origins(trunk: Trunk) -> dict[str, str]:
    """Where the pretrained weights of each of its networks came from, to their hash; nothing for random ones."""
    return {member.origin: member.sha256 for member in trunk.members if member.sha256}


def keep_tensors(network: nn.Module, folder: Path) -> None:
    """Write `model.safetensors`; by Python, so that a full disk is an OSError like any other."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    (folder / TENSORS).write_bytes(save(tensors))


@contextmanager
def putting_together(folder: Path) -> Iterator[None]:
    """What goes wrong with the files of a model is the user's to mend."""
    try:
        yield
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as fault:
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise UserError(f"the model cannot be put together: {reason}", str(folder), "copy the model folder again, all of it") from None


def _precision(trained: str) -> Literal["auto", "fp32"]:
    """bfloat16 again where the machine has it; float32 stays float32."""
    return "fp32" if trained == "fp32" else "auto"
