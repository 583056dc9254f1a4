"""A network as a thing that predicts: safetensors and JSON on disk, nothing else."""

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from overread.backbones.create import create
from overread.backbones.machine import Machine, computing
from overread.backbones.preprocess import Preprocess
from overread.backbones.summary import Summary, summarise
from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.features.infer import infer
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.learners.base import describe
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.task import Task
from overread.recipe import Backbone, Image, Runtime
from overread.run import write_json


@dataclass
class NetworkModel:
    """A trained classifier; see `overread.learners.base.Model`.

    Predictions are made in the precision the model was trained and judged in where the machine has it; on another machine logits
    may differ by some 1e-2 (bfloat16), on the same one they are equal.

    Attributes
    ----------
    kind : str
        The learner that made it.
    """

    classifier: Classifier
    head: Head
    task: Task
    fitting: Fitting
    runtime: Runtime
    kind: str = "finetune"

    @property
    def targets(self) -> dict[str, Target]:
        return {self.task.name: self.task.target}

    @property
    def preprocess(self) -> Preprocess:
        return self.classifier.trunk.preprocess

    @property
    def weights(self) -> dict[str, str]:
        trunk = self.classifier.trunk
        return {trunk.origin: trunk.sha256} if trunk.sha256 else {}

    @property
    def summary(self) -> Summary:
        """Layers and parameters, stage by stage."""
        return summarise(self.classifier.trunk, self.classifier.head)

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """Logits of a scanned catalog's rows.

        Returns
        -------
        pandas.DataFrame
            `row`, `raw:T:C` float64; the softmax of a row's logits is the uncalibrated probability.
        """
        raw = self._run(self.classifier, catalog, "predicting", self.task.outputs)
        columns = {f"raw:{self.task.name}:{cls}": column for cls, column in zip(self.task.target.classes, self.task.raw(raw).T, strict=True)}
        return pd.DataFrame({"row": catalog.frame["row"], **columns})

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d) float32, the pooled features of a scanned catalog's rows."""
        features: np.ndarray = self._run(self.classifier.trunk, catalog, "features", self.classifier.trunk.features).numpy()
        return features

    def networks(self) -> dict[str, nn.Module]:
        """The one network: normalised pixels to logits (n, 1) of a binary target, (n, C) of others."""
        return {"classifier": self.classifier}

    def save(self, folder: Path) -> None:
        """Write `model.safetensors` and `model.json`."""
        trunk = self.classifier.trunk
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: tensor.cpu().contiguous() for name, tensor in self.classifier.state_dict().items()}
        (folder / "model.safetensors").write_bytes(save(tensors))  # by Python: a full disk is then an OSError like any other
        told = {
            "kind": self.kind,
            "overread": version("overread"),
            "backbone": {"name": trunk.name, "origin": trunk.origin, "sha256": trunk.sha256},
            "preprocess": asdict(trunk.preprocess),
            "image": asdict(self.fitting),
            "head": self.head.model_dump(mode="json"),
            "summary": self.summary.to_dict(),
            "targets": {name: asdict(target) for name, target in self.targets.items()},
            "precision": "bf16" if Machine.of(self.runtime).bf16 else "fp32",
        }
        write_json(folder / "model.json", told)

    @classmethod
    def load(cls, folder: Path) -> "NetworkModel":
        """The model that `save` wrote; its backbone's pretrained weights are not asked for.

        Raises
        ------
        UserError
            A file is missing or cut off, or they do not belong together.
        """
        told = describe(folder)
        try:
            tensors = load_file(folder / "model.safetensors")
            preprocess = Preprocess.from_dict(told["preprocess"])
            [(name, target)] = told["targets"].items()
            task = Task(name, Target(target["kind"], tuple(target["classes"]), target["positive"]))
            head, fitting = Head(**told["head"]), Fitting.from_dict(told["image"])
            with torch.random.fork_rng():
                trunk = create(Backbone(name=told["backbone"]["name"], pretrained=False), Image(size=preprocess.size))
                trunk.preprocess, trunk.origin, trunk.sha256 = preprocess, told["backbone"]["origin"], told["backbone"]["sha256"]
                classifier = Classifier(trunk, build_head(head, trunk.features, task.outputs))
            classifier.load_state_dict(tensors)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as fault:
            reason = (str(fault).splitlines() or [type(fault).__name__])[0]
            raise UserError(f"the model cannot be put together: {reason}", str(folder), "copy the model folder again, all of it") from None
        return cls(classifier.eval(), head, task, fitting, Runtime(precision=_precision(told["precision"])), told["kind"])

    def _run(self, network: nn.Module, catalog: Catalog, what: str, width: int) -> torch.Tensor:
        with computing(self.runtime) as machine:
            self.classifier.to(machine.device).eval()
            pictures = Pictures(catalog.frame, self.fitting, Cache())
            return infer(network, pictures, self.classifier.trunk.preprocess, machine, what).reshape(len(pictures), width)


def _precision(trained: str) -> Literal["auto", "fp32"]:
    """bfloat16 again where the machine has it; float32 stays float32."""
    return "fp32" if trained == "fp32" else "auto"
