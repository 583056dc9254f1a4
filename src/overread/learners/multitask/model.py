"""One trunk and a head a target as a thing that predicts: all answers from one pass over the pictures."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from torch import nn

from overread.catalog import Catalog, Target
from overread.imaging.fit import Fitting
from overread.learners.base import describe
from overread.learners.multitask.heads import Heads, Learned, Weights
from overread.learners.multitask.tasks import apart
from overread.learners.network.classifier import Classifier
from overread.learners.network.head import Head
from overread.learners.network.model import OnTrunk
from overread.learners.network.stored import TENSORS, Base, filled, keep_tensors, putting_together, rebuild, tell
from overread.learners.network.task import Task
from overread.recipe import Runtime
from overread.run import write_json


@dataclass
class MultitaskModel(OnTrunk):
    """A trained network of several questions; see `overread.learners.base.Model`.

    Attributes
    ----------
    classifier : its head is `Heads`
    head : what each head is made of
    tasks : the questions, the main one first
    loss_weights : as the recipe told them
    """

    classifier: Classifier
    head: Head
    tasks: tuple[Task, ...]
    fitting: Fitting
    runtime: Runtime
    loss_weights: Weights

    @property
    def targets(self) -> dict[str, Target]:
        return {task.name: task.target for task in self.tasks}

    @property
    def heads(self) -> Heads:
        heads: Heads = self.classifier.head
        return heads

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """Logits of a scanned catalog's rows, of every target, from one pass.

        Returns
        -------
        pandas.DataFrame
            `row`, `raw:T:C` float64; the softmax of a target's logits is its uncalibrated probability.
        """
        logits = self._run(self.classifier, catalog, "predicting", sum(task.outputs for task in self.tasks))
        answers = [task.answers(catalog.frame["row"], own).set_index("row") for task, own in zip(self.tasks, apart(logits, self.tasks), strict=True)]
        return pd.concat(answers, axis=1).reset_index()

    def networks(self) -> dict[str, nn.Module]:
        """For each target the network that answers it: normalised pixels to logits (n, 1) or (n, C). They share the trunk."""
        trunk = self.classifier.trunk
        return {task.name: Classifier(trunk, layers).eval() for task, layers in self.heads.by_task(self.tasks)}

    def speakers(self, answers: pd.DataFrame) -> dict[str, list[str]]:
        """Each target's own head answers every row."""
        return {task.name: [task.name] * len(answers) for task in self.tasks}

    def save(self, folder: Path) -> None:
        """Write `model.safetensors` and `model.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        keep_tensors(self.classifier, folder)
        first, *others = self.tasks
        base = Base(self.classifier.trunk, first, self.fitting, self.runtime, tuple(others))
        told = {"kind": "multitask", **tell(base), "head": self.head.model_dump(mode="json"), "loss_weights": self.loss_weights}
        write_json(folder / "model.json", {**told, **self._learned(), "summary": self.summary.to_dict()})

    @classmethod
    def load(cls, folder: Path) -> "MultitaskModel":
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
                return base, Classifier(base.trunk, Heads(head, base.trunk.features, base.tasks, told["loss_weights"]))

            base, classifier = filled(make, folder / TENSORS)
        return cls(classifier.eval(), head, base.tasks, base.fitting, base.runtime, told["loss_weights"])

    def _learned(self) -> dict[str, dict[str, float]]:
        """What was learnt of the targets' losses, for whoever reads `model.json`."""
        weighing = self.heads.weighing
        if not isinstance(weighing, Learned):
            return {}
        return {"log_variances": dict(zip(self.targets, weighing.log_variances.tolist(), strict=True))}
