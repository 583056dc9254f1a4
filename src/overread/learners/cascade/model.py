"""A router and its experts as one thing that predicts; a folder of folders on disk, read as far as it is asked."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from overread.backbones.preprocess import Preprocess
from overread.catalog import Catalog, Target
from overread.imaging.fit import Fitting
from overread.learners.base import describe
from overread.learners.cascade.members import POOLED, ROUTER, Members, Networks, folder_names, inside
from overread.learners.cascade.mixing import mix, probabilities, weigh
from overread.learners.cascade.parts import Part
from overread.learners.network.stored import putting_together
from overread.learners.network.task import Task
from overread.recipe import Runtime
from overread.run import write_json

if TYPE_CHECKING:
    from torch import nn


@dataclass
class CascadeModel:
    """See `overread.learners.base.Model`. All members see the same squares, made and normalised in one way.

    Attributes
    ----------
    main, part : Task
        What the experts and the router are asked.
    parts : list of Part
        In the order of the router's classes.
    answering : dict of str to str
        Part to the member that answers for it: its own expert or the pooled one.
    routing, abstain : as in `overread.learners.cascade.options.Options`
    speaking : tuple of str
        Members that are networks.
    precision : that of the pooled expert
    members : Members
    """

    main: Task
    part: Task
    parts: list[Part]
    answering: dict[str, str]
    routing: Literal["soft", "hard"]
    abstain: float | None
    fitting: Fitting
    preprocess: Preprocess
    weights: dict[str, str]
    speaking: tuple[str, ...]
    precision: Literal["auto", "fp32", "bf16"]
    members: Members

    @property
    def targets(self) -> dict[str, Target]:
        return {self.main.name: self.main.target, self.part.name: self.part.target}

    @property
    def runtime(self) -> Runtime:
        return Runtime(threads=self.members.threads, precision=self.precision)

    @runtime.setter
    def runtime(self, runtime: Runtime) -> None:
        self.precision = runtime.precision
        self.members.run_as(runtime)

    @property
    def experts(self) -> list[str]:
        """Members that answer the main question and may be routed to."""
        return list(dict.fromkeys(self.answering.values()))

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """Both answers of a scanned catalog's rows; an expert is run once, over the rows that need it.

        Returns
        -------
        pandas.DataFrame
            `row`; `raw:T:C` float64 of the main target T, log-probabilities; `raw:P:C` of the part P, the router's logits; `route` (the
            likeliest part); ``abstained:T`` (bool) if abstention is asked for; and, where the catalog knows the part of any row,
            ``oracle:T:C``, what the known part's expert says alone: not a number where the part is unknown, or none that the router knows.
        """
        said = self.members[ROUTER].predict(catalog)
        router = _raw(said, self.part)
        experts, known = self.experts, self._known(catalog.frame)
        places = np.array([experts.index(self.answering[name]) for name in self.part.target.classes])
        weights = weigh(router, places, len(experts), self.routing)
        wanted = weights > 0
        wanted[known >= 0, places[known[known >= 0]]] = True
        answers = self._ask(catalog, experts, wanted)
        columns: dict[str, Any] = {"row": said["row"].to_numpy(), **_named("raw", self.main, mix(weights, answers))}
        columns |= _named("raw", self.part, router) | {"route": self.part.target.decode(router.argmax(1))}
        if self.abstain is not None:
            columns[f"abstained:{self.main.name}"] = np.exp(probabilities(router)).max(1, initial=0) < self.abstain
        if (known >= 0).any():
            oracle = np.where((known >= 0)[:, None], answers[np.arange(len(known)), places[known]], np.nan)
            columns |= _named("oracle", self.main, oracle)
        return pd.DataFrame(columns)

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d) float32, what the head of the chosen part's expert sees of each row; rows of two experts do not lie in one space."""
        route = _raw(self.members[ROUTER].predict(catalog), self.part).argmax(1)
        chosen = np.array([self.answering[name] for name in self.part.target.classes], dtype=object)[route]
        parts = {name: self.members[name].features(catalog.only(chosen == name)) for name in sorted(set(chosen))}
        if not parts:
            return self.members[ROUTER].features(catalog)
        features = np.empty((len(catalog), next(iter(parts.values())).shape[1]), np.float32)
        for name, found in parts.items():
            features[chosen == name] = found
        return features

    def networks(self) -> "Mapping[str, nn.Module]":
        """`router`, `pooled` and ``expert-PART`` to their networks, each read when it is asked for; a member that is none is left out."""
        return Networks(self.members, self.speaking)

    def speakers(self, answers: pd.DataFrame) -> dict[str, list[str]]:
        """The router for the part; for the main target the expert of the part it chose, which weighs most where several are mixed."""
        spoken = {self.main.name: [self.answering[name] for name in answers["route"]], self.part.name: [ROUTER] * len(answers)}
        return {target: names for target, names in spoken.items() if set(names) <= set(self.speaking)}

    def save(self, folder: Path) -> None:
        """Write a folder a member, as its own learner saves it, and `model.json`, which says what each is for."""
        folder.mkdir(parents=True, exist_ok=True)
        names = folder_names(list(self.members))
        for member, name in names.items():
            if self.members.folders[member] != folder / name:
                shutil.copytree(self.members.folders[member], folder / name, dirs_exist_ok=True)
        pooled = describe(self.members.folders[POOLED])
        told = {
            "kind": "cascade",
            "overread": version("overread"),
            **{key: pooled[key] for key in ("backbone", "preprocess", "image", "precision", "summary") if key in pooled},
            "targets": {task.name: asdict(task.target) for task in (self.main, self.part)},
            "routing": self.routing,
            "abstain": self.abstain,
            "parts": [{**asdict(one), "expert": self.answering[one.name]} for one in self.parts],
            "members": names,
            "networks": list(self.speaking),
            "weights": self.weights,
        }
        write_json(folder / "model.json", told)

    @classmethod
    def load(cls, folder: Path) -> "CascadeModel":
        """The model that `save` wrote; of its members only what `model.json` says is read now.

        Raises
        ------
        UserError
            `model.json` is missing or cut off, or names what is not there.
        """
        told = describe(folder)
        with putting_together(folder):
            main, part = (Task(name, Target(one["kind"], tuple(one["classes"]), one["positive"])) for name, one in told["targets"].items())
            answering = {one["name"]: str(one.pop("expert")) for one in told["parts"]}
            members = {name: inside(folder, place) for name, place in told["members"].items()}
            if list(answering) != list(part.target.classes) or not {ROUTER, POOLED, *answering.values(), *told["networks"]} <= set(members):
                raise ValueError("model.json names parts or members that it does not have")
            return cls(
                main=main,
                part=part,
                parts=[Part(**{**one, "shift": tuple(map(float, one["shift"]))}) for one in told["parts"]],
                answering=answering,
                routing=told["routing"],
                abstain=told["abstain"],
                fitting=Fitting.from_dict(told["image"]),
                preprocess=Preprocess.from_dict(told["preprocess"]),
                weights=dict(told["weights"]),
                speaking=tuple(told["networks"]),
                precision="fp32" if told["precision"] == "fp32" else "auto",
                members=Members(members),
            )

    def _known(self, frame: pd.DataFrame) -> np.ndarray:
        """(n,) int, the part that the catalog names for each row; -1 where it names none, or one that the router does not know."""
        named = frame[self.part.name] if self.part.name in frame else pd.Series(None, index=frame.index, dtype=object)
        return self.part.target.encode(named.where(named.isin(self.part.target.classes)))

    def _ask(self, catalog: Catalog, experts: list[str], wanted: np.ndarray) -> np.ndarray:
        """(n, E, C) float64 log-probabilities where (n, E) says that they are wanted, not a number elsewhere."""
        shifts = {self.answering[one.name]: np.array(one.shift) for one in self.parts}
        answers = np.full((*wanted.shape, len(self.main.target.classes)), np.nan)
        for place, name in enumerate(experts):
            rows = wanted[:, place]
            if rows.any():
                raw = _raw(self.members[name].predict(catalog.only(rows)), self.main)
                answers[rows, place] = probabilities(raw, shifts[name])
        return answers


def _raw(said: pd.DataFrame, task: Task) -> np.ndarray:
    return said[[f"raw:{task.name}:{cls}" for cls in task.target.classes]].to_numpy(dtype=np.float64)


def _named(what: str, task: Task, values: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{what}:{task.name}:{cls}": values[:, place] for place, cls in enumerate(task.target.classes)}
