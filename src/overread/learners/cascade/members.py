"""The models that a cascade is made of, each read from its folder when it is first asked for."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from overread.errors import UserError
from overread.learners.base import Model, load
from overread.recipe import Runtime

if TYPE_CHECKING:
    from torch import nn

ROUTER, POOLED, EXPERT = "router", "pooled", "expert-"


class Members(Mapping[str, Model]):
    """Models by name.

    Parameters
    ----------
    folders : name to the folder it was saved in
    threads : torch's, for every member; the machine's own if not given
    """

    def __init__(self, folders: Mapping[str, Path], threads: int | None = None) -> None:
        self.folders = dict(folders)
        self.threads = threads
        self._asked: Runtime | None = None
        self._read: dict[str, Model] = {}

    def __getitem__(self, name: str) -> Model:
        """The model of that name.

        Raises
        ------
        UserError
            Its folder is gone or damaged.
        """
        if name not in self._read:
            try:
                model = load(self.folders[name])
            except UserError as fault:
                raise UserError(f"the cascade's {name} cannot be read: {fault.what}", fault.where, "copy the model folder again, all of it") from None
            model.runtime = self._asked or model.runtime.model_copy(update={"threads": self.threads})
            self._read[name] = model
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.folders)

    def __len__(self) -> int:
        return len(self.folders)

    @property
    def read(self) -> list[str]:
        """Names of those that have been asked for, and so are in memory."""
        return sorted(self._read)

    def run_as(self, runtime: Runtime) -> None:
        """Compute with these threads and this precision, also what is yet to be read."""
        self._asked, self.threads = runtime, runtime.threads
        for model in self._read.values():
            model.runtime = runtime


class Networks(Mapping[str, "nn.Module"]):
    """The network of each member that is one; reading it is put off until it is asked for."""

    def __init__(self, members: Members, names: tuple[str, ...]) -> None:
        self.members = members
        self.names = names

    def __getitem__(self, name: str) -> "nn.Module":
        if name not in self.names:
            raise KeyError(name)
        [network] = self.members[name].networks().values()
        return network

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def folder_names(members: list[str]) -> dict[str, str]:
    """Member to the name of its folder, whatever a part is called: letters, digits, ``_`` and ``-`` alone, no two alike in any case."""
    chosen: dict[str, str] = {}
    for member in members:
        plain = re.sub(r"[^A-Za-z0-9_]+", "-", member)[:60].strip("-") or "part"
        name, number = plain, 2
        while name.casefold() in {taken.casefold() for taken in chosen.values()}:
            name, number = f"{plain}-{number}", number + 1
        chosen[member] = name
    return chosen


def inside(folder: Path, name: object) -> Path:
    """A member's folder in a model's.

    Raises
    ------
    UserError
        The name leads elsewhere.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise UserError(f"{name!r} is no name of a part of the model", str(folder / "model.json"), "copy the model folder again, all of it")
    return folder / name
