"""A network whose head was solved: its features are kept and read by the fast engine, its head computes in float32."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from overread.backbones.machine import computing
from overread.catalog import Catalog
from overread.learners.network.model import NetworkModel
from overread.learners.probe.features import read


@dataclass
class ProbeModel(NetworkModel):
    """Predicts from kept features; in all else a network like any other, whole in `networks()`."""

    kind: str = "probe"

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """Logits of a scanned catalog's rows; see `NetworkModel.predict`."""
        features = torch.from_numpy(self.features(catalog))
        with computing(self.runtime) as machine, torch.inference_mode():
            logits = self.classifier.to(machine.device).eval().head(features.to(machine.device)).cpu()
        return self.task.answers(catalog.frame["row"], logits)

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d) float32, the pooled features of a scanned catalog's rows."""
        return read(self.classifier.trunk, catalog, self.fitting, self.runtime).features
