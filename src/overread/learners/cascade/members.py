"""The models that a cascade is made of, each read from its folder when it is asked for, and kept while there is room."""

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

ROOM = 2**31
"""Bytes of members, by their files, that are kept in memory together: eight ResNet-50 take a third of it. Of larger ones those that have waited
longest are let go, and read again when a picture needs them."""


class Members(Mapping[str, Model]):
    """Models by name.

    Parameters
    ----------
    folders : name to the folder it was saved in
    threads : torch's, for every member; the machine's own if not given
    room : bytes of files whose models are kept together; one that is larger is kept alone
    """

    def __init__(self, folders: Mapping[str, Path], threads: int | None = None, room: int = ROOM) -> None:
        self.folders = dict(folders)
        self.threads = threads
        self.room = room
        self._asked: Runtime | None = None
        self._read: dict[str, Model] = {}

    def __getitem__(self, name: str) -> Model:
        """The model of that name.

        Raises
        ------
        UserError
            Its folder is gone or damaged.
        """
        known = self._read.pop(name, None)
        model = self._load(name) if known is None else known
        self._read[name] = model  # whatever was asked for last stands last
        return model

    def __iter__(self) -> Iterator[str]:
        return iter(self.folders)

    def __len__(self) -> int:
        return len(self.folders)

    @property
    def read(self) -> list[str]:
        """Names of those that are in memory, because they have been asked for."""
        return sorted(self._read)

    def run_as(self, runtime: Runtime) -> None:
        """Compute with these threads and this precision, also what is yet to be read."""
        self._asked, self.threads = runtime, runtime.threads
        for model in self._read.values():
            model.runtime = runtime

    def _load(self, name: str) -> Model:
        """That model, after those that have waited longest made room for it."""
        free = self.room - _size(self.folders[name])
        while self._read and sum(_size(self.folders[one]) for one in self._read) > free:
            del self._read[next(iter(self._read))]
        try:
            model = load(self.folders[name])
        except UserError as fault:
            raise UserError(f"the cascade's {name} cannot be read: {fault.what}", fault.where, "copy the model folder again, all of it") from None
        model.runtime = self._asked or model.runtime.model_copy(update={"threads": self.threads})
        return model


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


def _size(folder: Path) -> int:
    """Bytes of the files below; none if it is gone."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
