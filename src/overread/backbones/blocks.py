"""A network as stages and blocks in the order pixels meet them, so that "from layer3" and "last 2" mean something."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from torch import nn

from overread.backbones.joint import Joint
from overread.backbones.torchvision import timm
from overread.errors import UserError, nearest

Parts = dict[str, tuple[str, ...]]
"""Name of a stage or block to the names of its parameters, lowest first."""


@dataclass(frozen=True)
class Blocks:
    """The parts of one network.

    Attributes
    ----------
    stages : Parts
        Few and large: resnet's conv1, layer1 to layer4; a transformer's blocks. Smaller rates below go by these.
    blocks : Parts
        The same cut finer: layer4.0, layer4.1, ...; "last N" counts these.
    levels : tuple of int
        How many stages of its own network stand below each; of networks side by side, those at the top stand level.
    """

    stages: Parts
    blocks: Parts
    levels: tuple[int, ...]

    @classmethod
    def of(cls, network: nn.Module) -> "Blocks":
        """Cut by timm's own grouping where the network has one, else by its children; networks side by side each so, top by top."""
        if isinstance(network, Joint):
            return _level([cls.of(member) for member in network])
        matcher = getattr(network, "group_matcher", None)
        if matcher is None:
            stages, blocks = _children(network, depth=1), _children(network, depth=2)
        else:
            group = partial(_groups, network)
            stages, blocks = group(matcher(coarse=True)), group(matcher(coarse=False))
        return cls(stages, blocks, tuple(range(len(stages))))

    def trained(self, words: str) -> list[str]:
        """Names of the parameters that train.

        Parameters
        ----------
        words : ``head`` (none here), ``all``, ``from <stage or block>`` or ``last <number of blocks>``

        Raises
        ------
        UserError
            There is no such stage or block, or fewer blocks than that.
        """
        if words == "head":
            return []
        if words == "all":
            return [name for names in self.stages.values() for name in names]
        kind, _, rest = words.partition(" ")
        if kind == "last":
            return self._last(int(rest))
        for parts in (self.stages, self.blocks):
            if rest in parts:
                start = list(parts).index(rest)
                return [name for names in list(parts.values())[start:] for name in names]
        raise UserError(f"the backbone has no stage {rest!r}", f"learner.phases, trains: {words}", nearest(rest, {**self.stages, **self.blocks}))

    def depth(self) -> dict[str, int]:
        """Parameter name to how many stages stand below its own."""
        return {name: level for level, names in zip(self.levels, self.stages.values(), strict=True) for name in names}

    def _last(self, number: int) -> list[str]:
        if number > len(self.blocks):
            raise UserError(
                f"the backbone has {len(self.blocks)} blocks, not {number}", f"learner.phases, trains: last {number}", "name fewer, or `trains: all`"
            )
        return [name for names in list(self.blocks.values())[-number:] for name in names]


def _level(members: Sequence[Blocks]) -> Blocks:
    """Networks side by side: names begin with the network's place, and parts come in the order of what stands above them."""
    top = max(len(member.stages) for member in members)
    stages = _merge([member.stages for member in members])
    return Blocks(
        {title: names for _, title, names in stages},
        {title: names for _, title, names in _merge([member.blocks for member in members])},
        tuple(top - above for above, _, _ in stages),
    )


def _merge(members: Sequence[Parts]) -> list[tuple[int, str, tuple[str, ...]]]:
    """Every part with how many stand from it to the top of its own network, lowest first."""
    every = [
        (len(parts) - level, f"{place}.{title}", tuple(f"{place}.{name}" for name in names))
        for place, parts in enumerate(members)
        for level, (title, names) in enumerate(parts.items())
    ]
    return sorted(every, key=lambda part: -part[0])


def _groups(network: nn.Module, matcher: dict[str, object] | Callable[[str], object]) -> Parts:
    everything = [name for name, _ in network.named_parameters()]
    groups = timm.models.group_parameters(network, matcher)
    return {_title(groups[level], everything): tuple(groups[level]) for level in sorted(groups)}


def _title(names: list[str], everything: list[str]) -> str:
    """The shortest beginning of a group's first parameter that no other group shares."""
    others = set(everything) - set(names)
    steps = names[0].split(".")
    for end in range(1, len(steps)):
        title = ".".join(steps[:end])
        if not any(name.startswith(f"{title}.") for name in others):
            return title
    return names[0]


def _children(network: nn.Module, depth: int, prefix: str = "") -> Parts:
    """Children in the order they were defined; containers are opened `depth` levels deep."""
    parts: Parts = {}
    own = tuple(prefix + name for name, _ in network.named_parameters(recurse=False))
    if own:
        parts[prefix.rstrip(".") or own[0]] = own
    for name, child in network.named_children():
        if depth and isinstance(child, nn.Sequential | nn.ModuleList):
            parts |= _children(child, depth - 1, f"{prefix}{name}.")
            continue
        names = tuple(f"{prefix}{name}.{parameter}" for parameter, _ in child.named_parameters())
        if names:
            parts[prefix + name] = names
    return parts
