"""A model whose head is no layer: a frozen backbone, and beside it neighbours or trees."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import load_file, save
from torch import nn

from overread.backbones.create import Trunk
from overread.backbones.preprocess import Preprocess
from overread.backbones.summary import summarise
from overread.catalog import Catalog, Target
from overread.imaging.fit import Fitting
from overread.learners.base import describe
from overread.learners.network.model import NOTES
from overread.learners.network.stored import TENSORS, Base, filled, keep_tensors, origins, putting_together, rebuild, tell
from overread.learners.network.task import Task
from overread.learners.probe.features import read
from overread.learners.probe.knn import Neighbours
from overread.learners.probe.scaling import Scaling
from overread.learners.probe.solver import Scorer
from overread.learners.probe.trees import Grown
from overread.recipe import Runtime
from overread.run import write_json

SCALING = "scaling.safetensors"

SCORERS: dict[str, type[Neighbours] | type[Grown]] = {"knn": Neighbours, "xgboost": Grown}
"""Heads that are no layers, by the name a recipe has for them."""


@dataclass
class ScoredModel:
    """See `overread.learners.base.Model`; it has no network from pixels to logits, so no heat map.

    Attributes
    ----------
    head : knn or xgboost
    scaling : of the features below the scorer
    scorer : makes logits of them
    """

    trunk: Trunk
    head: str
    scaling: Scaling
    scorer: Scorer
    task: Task
    fitting: Fitting
    runtime: Runtime
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def targets(self) -> dict[str, Target]:
        return {self.task.name: self.task.target}

    @property
    def preprocess(self) -> Preprocess:
        return self.trunk.preprocess

    @property
    def weights(self) -> dict[str, str]:
        return origins(self.trunk)

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """`row` and `raw:T:C` float64 of a scanned catalog's rows; the softmax of a row's is the uncalibrated probability."""
        if not len(catalog):
            return self.task.answers(catalog.frame["row"], torch.empty(0, self.task.outputs))
        logits = self.scorer.logits(self.scaling.apply(self.features(catalog)))
        return self.task.answers(catalog.frame["row"], torch.from_numpy(logits))

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d) float32, the pooled features of a scanned catalog's rows."""
        return read(self.trunk, catalog, self.fitting, self.runtime).features

    def networks(self) -> dict[str, nn.Module]:
        """None: what stands on the features is no network."""
        return {}

    def speakers(self, answers: pd.DataFrame) -> dict[str, list[str]]:
        """None, as there is no network."""
        return {}

    def save(self, folder: Path) -> None:
        """Write `model.safetensors` (the backbone), `scaling.safetensors`, what the scorer has learnt, and `model.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        keep_tensors(self.trunk, folder)
        (folder / SCALING).write_bytes(save({"mean": self.scaling.mean, "matrix": self.scaling.matrix}))
        self.scorer.save(folder)
        base = Base(self.trunk, self.task, self.fitting, self.runtime)
        told = {"kind": "probe", **tell(base), "head": {"kind": self.head}, "summary": summarise(self.trunk).to_dict()}
        write_json(folder / "model.json", {**told, **self.notes})

    @classmethod
    def load(cls, folder: Path) -> "ScoredModel":
        """The model that `save` wrote.

        Raises
        ------
        UserError
            A file is missing or cut off, they do not belong together, or XGBoost is not installed.
        """
        told = describe(folder)
        with putting_together(folder):
            head = told["head"]["kind"]

            def make() -> tuple[Base, Trunk]:
                base = rebuild(told)
                return base, base.trunk

            base, _ = filled(make, folder / TENSORS)
            scaling = Scaling(**load_file(folder / SCALING))
            scorer = SCORERS[head].load(folder)
            notes = {key: told[key] for key in NOTES if key in told}
        return cls(base.trunk.eval(), head, scaling, scorer, base.task, base.fitting, base.runtime, notes)
