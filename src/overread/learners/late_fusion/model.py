"""An image model and a table model as one thing that predicts."""

import json
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.imaging.fit import Fitting
from overread.learners.base import Model, describe, load
from overread.learners.late_fusion.logistic import Logistic
from overread.learners.late_fusion.table import Table
from overread.learners.late_fusion.together import Together
from overread.recipe import Runtime
from overread.run import write_json

if TYPE_CHECKING:
    from torch import nn

    from overread.backbones.preprocess import Preprocess

MAPS = "heat maps show what the image part looks at; columns and text have none"


@dataclass
class FusedModel:
    """A model of the image, one of the table, and how they are put together; see `overread.learners.base.Model`.

    Attributes
    ----------
    areas : AUROC on the validation rows of `image` and `table` alone and of `both`, as far as it is defined
    rows : validation rows
    """

    image: Model
    table: Table
    regression: Logistic
    together: Together
    areas: dict[str, float] = field(default_factory=dict)
    rows: int = 0

    @property
    def targets(self) -> dict[str, Target]:
        return self.image.targets

    @property
    def fitting(self) -> Fitting:
        return self.image.fitting

    @property
    def preprocess(self) -> "Preprocess":
        return self.image.preprocess

    @property
    def weights(self) -> dict[str, str]:
        return self.image.weights

    @property
    def runtime(self) -> Runtime:
        return self.image.runtime

    @runtime.setter
    def runtime(self, runtime: Runtime) -> None:
        self.image.runtime = runtime

    def predict(self, catalog: Catalog) -> pd.DataFrame:
        """Logits of a scanned catalog's rows.

        Returns
        -------
        pandas.DataFrame
            `row`, `raw:T:C` float64, the first class at 0.

        Raises
        ------
        UserError
            A column that the model reads is not there; a blank cell is allowed.
        """
        read = self.regression(self.table.encode(catalog))
        seen = self.image.predict(catalog)
        names = [name for name in seen if name != "row"]
        fused = self.together(seen[names].to_numpy(), read)
        return pd.DataFrame({"row": seen["row"], **dict(zip(names, fused.T, strict=True))})

    def features(self, catalog: Catalog) -> np.ndarray:
        """(n, d + C) float32: the image's features, then the table's logits."""
        read = self.regression(self.table.encode(catalog))
        return np.hstack([self.image.features(catalog), read]).astype(np.float32)

    def networks(self) -> "dict[str, nn.Module]":
        """Those of the image part: what is explained of this model is how it looks at the picture."""
        return self.image.networks()

    def speakers(self, answers: pd.DataFrame) -> dict[str, list[str]]:
        """Those of the image part."""
        return self.image.speakers(answers)

    def save(self, folder: Path) -> None:
        """Write ``image/``, the image model's own folder; `table.json` (columns, levels, vocabulary), `model.safetensors` and `model.json`."""
        self.image.save(folder / "image")
        write_json(folder / "table.json", self.table.to_dict())
        (folder / "model.safetensors").write_bytes(save({"weight": self.regression.weight, "bias": self.regression.bias}))
        told = {
            **describe(folder / "image"),
            "kind": "late-fusion",
            "overread": version("overread"),
            "columns": [one.column for one in self.table.plain],
            "text": list(self.table.texts),
            "together": asdict(self.together),
            "validation AUROC": {**self.areas, "rows": self.rows},
            "note": MAPS,
        }
        write_json(folder / "model.json", told)

    @classmethod
    def load(cls, folder: Path) -> "FusedModel":
        """The model that `save` wrote.

        Raises
        ------
        UserError
            A file is missing or cut off, or they do not belong together.
        """
        told = describe(folder)
        image = load(folder / "image")
        try:
            table = Table.from_dict(json.loads((folder / "table.json").read_text(encoding="utf-8")))
            tensors = load_file(folder / "model.safetensors")
            regression = Logistic(tensors["weight"], tensors["bias"])
            together = Together(told["together"]["image"], told["together"]["table"], tuple(told["together"]["bias"]))
            areas = dict(told["validation AUROC"])
            rows = int(areas.pop("rows"))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as fault:
            reason = (str(fault).splitlines() or [type(fault).__name__])[0]
            raise UserError(f"the model cannot be put together: {reason}", str(folder), "copy the model folder again, all of it") from None
        if table.width != len(regression.weight):
            what = f"the table gives {table.width} numbers, its regression takes {len(regression.weight)}"
            raise UserError(what, str(folder), "copy the model folder again, all of it")
        return cls(image, table, regression, together, areas, rows)
