"""A network as a thing that predicts: safetensors and JSON on disk, nothing else."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from torch import nn

from overread.backbones.machine import computing
from overread.backbones.preprocess import Preprocess
from overread.backbones.summary import Summary, summarise
from overread.catalog import Catalog, Target
from overread.features.infer import infer
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.learners.base import describe
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.stored import TENSORS, Base, filled, keep_tensors, origins, putting_together, rebuild, tell
from overread.learners.network.task import Task
from overread.recipe import Runtime
from overread.run import write_json

NOTES = ("solved", "engine", "prompts")
"""What `model.json` may tell beside what is needed to put the model together."""


class OnTrunk:
    """What models have in common that are one network on a trunk."""

    classifier: Classifier
    fitting: Fitting
    runtime: Runtime

    @property
    def preprocess(self) -> Preprocess:
        return self.classifier.trunk.preprocess

    @property
    def weights(self) -> dict[str, str]:
        return origins(self.classifier.trunk)

    @property
    def summary(self) -> Summary:
        """Layers and parameters, stage by stage."""
        return summarise(self.classifier.trunk, self.classifier.head)

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d) float32, the pooled features of a scanned catalog's rows."""
        features: np.ndarray = self._run(self.classifier.trunk, catalog, "features", self.classifier.trunk.features).numpy()
        return features

    def _run(self, network: nn.Module, catalog: Catalog, what: str, width: int) -> torch.Tensor:
        with computing(self.runtime) as machine:
            self.classifier.to(machine.device).eval()
            pictures = Pictures(catalog.frame, self.fitting, Cache())
            return infer(network, pictures, self.classifier.trunk.preprocess, machine, what).reshape(len(pictures), width)


@dataclass
class NetworkModel(OnTrunk):
    """A trained classifier; see `overread.learners.base.Model`.

    Predictions are made in the precision the model was trained and judged in where the machine has it; on another machine logits
    may differ by some 1e-2 (bfloat16), on the same one they are equal.

    Attributes
    ----------
    kind : str
        The learner that made it.
    notes : dict
        What else `model.json` tells: how the head was solved and by which engine its features were read.
    """

    classifier: Classifier
    head: Head
    task: Task
    fitting: Fitting
    runtime: Runtime
    kind: str = "finetune"
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def targets(self) -> dict[str, Target]:
        return {self.task.name: self.task.target}

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """Logits of a scanned catalog's rows.

        Returns
        -------
        pandas.DataFrame
            `row`, `raw:T:C` float64; the softmax of a row's logits is the uncalibrated probability.
        """
        return self.task.answers(catalog.frame["row"], self._run(self.classifier, catalog, "predicting", self.task.outputs))

    def networks(self) -> dict[str, nn.Module]:
        """The one network: normalised pixels to logits (n, 1) of a binary target, (n, C) of others."""
        return {"classifier": self.classifier}

    def speakers(self, answers: pd.DataFrame) -> dict[str, list[str]]:
        """The one network answers every row."""
        return {self.task.name: ["classifier"] * len(answers)}

    def save(self, folder: Path) -> None:
        """Write `model.safetensors` and `model.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        keep_tensors(self.classifier, folder)
        base = Base(self.classifier.trunk, self.task, self.fitting, self.runtime)
        told = {"kind": self.kind, **tell(base), "head": self.head.model_dump(mode="json"), "summary": self.summary.to_dict()}
        write_json(folder / "model.json", {**told, **self.notes})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The model that `save` wrote; its backbone's pretrained weights are not asked for.

        Raises
        ------
        UserError
            A file is missing or cut off, or they do not belong together.
        """
        told = describe(folder)
        with putting_together(folder):
            head = Head(**told["head"])

            def make() -> tuple[Base, Classifier]:
                base = rebuild(told)
                return base, Classifier(base.trunk, build_head(head, base.trunk.features, base.task.outputs))

            base, classifier = filled(make, folder / TENSORS)
            notes = {key: told[key] for key in NOTES if key in told}
        return cls(classifier.eval(), head, base.task, base.fitting, base.runtime, told["kind"], notes)
