"""Names to files, without importing them.

A room such as `datasets/` is a folder with one file (or package) a member; the member's name is the file's name. Listing reads the
folder and the first docstring line of each file, so that `overread list` never loads torch; only `get` imports, and only one file.
Installed packages add members through the entry point group `overread.<room>`.
"""

import ast
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from overread.errors import UserError, nearest

Member = TypeVar("Member")


class Registry:
    """The members of one room.

    Parameters
    ----------
    room : str
        Dotted package that holds one file a member, e.g. ``overread.datasets``.
    plumbing : tuple of str
        Files of that package that are not members (``base`` always is not).
    """

    def __init__(self, room: str, plumbing: tuple[str, ...] = ()) -> None:
        self.room = room
        self.plumbing = {"base", *plumbing}
        self._members: dict[str, Any] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """Name to file of every member in the house, hyphens for underscores."""
        spec = find_spec(self.room)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"no package {self.room}")
        found = {}
        for folder in map(Path, spec.submodule_search_locations):
            for path in sorted(folder.iterdir()):
                file = path / "__init__.py" if path.is_dir() else path
                if file.suffix == ".py" and file.exists() and not path.name.startswith("_") and path.stem not in self.plumbing:
                    found[path.stem.replace("_", "-")] = file
        return found

    @cached_property
    def guests(self) -> dict[str, EntryPoint]:
        """Name to entry point of every member another package brings."""
        brought = entry_points(group=self.room)
        for entry in brought:
            if entry.name in self.files or len(brought.select(name=entry.name)) > 1:
                raise UserError(
                    what=f"the name {entry.name!r} is taken twice",
                    where=f"entry point {entry.value} in group {self.room}",
                    mend="rename it in the package that brings it, or uninstall that package",
                )
        return {entry.name: entry for entry in brought}

    def names(self) -> list[str]:
        return sorted({*self.files, *self.guests, *self._members})

    def describe(self) -> dict[str, str]:
        """Name to the first line of the member's docstring, read without importing it."""
        lines = {name: f"from {entry.value}" for name, entry in self.guests.items()}
        for name, file in self.files.items():
            lines[name] = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        return dict(sorted(lines.items()))

    def register(self, name: str) -> Callable[[Member], Member]:
        """Decorator that enters a member; inside the house its name must be its file's name."""

        def enter(member: Member) -> Member:
            module = getattr(member, "__module__", "")
            if module.startswith(f"{self.room}."):
                home = module.removeprefix(f"{self.room}.").partition(".")[0].replace("_", "-")
                if home != name:
                    raise ValueError(f"{module} registers {name!r}; a member is named like its file")
            if name in self._members and self._members[name] is not member:
                raise ValueError(f"{self.room} has a member {name!r} already")
            self._members[name] = member
            return member

        return enter

    def get(self, name: str) -> Any:
        """The member of that name; imports its file.

        Raises
        ------
        UserError
            There is no such member; the nearest name is offered.
        """
        if name not in self._members and name in self.files:
            import_module(f"{self.room}.{name.replace('-', '_')}")
        elif name not in self._members and name in self.guests:
            self._members.setdefault(name, self.guests[name].load())
        if name not in self._members:
            raise UserError(what=f"unknown name {name!r}", where=self.room.removeprefix("overread."), mend=nearest(name, self.names()))
        return self._members[name]


DATASETS = Registry("overread.datasets", plumbing=("source", "studies"))
BACKBONES = Registry("overread.backbones.models")
LEARNERS = Registry("overread.learners", plumbing=("network",))
EXPLANATIONS = Registry("overread.explanation", plumbing=("cam", "explain", "gradient", "layers", "rest", "tokens"))
CHECKS = Registry("overread.audit.data")
