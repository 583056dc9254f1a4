"""The worst mistakes as pictures: what a reader should look at before believing a figure."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from overread.catalog import Catalog, Target
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures

SHOWN = 12


def draw_mistakes(predictions: pd.DataFrame, catalog: Catalog, folder: Path, fitting: Fitting) -> list[dict[str, Any]]:
    """Write the most confidently wrong rows of each target to ``figures/mistakes/`` as the network saw them.

    Parameters
    ----------
    predictions : judged rows, of the split that is scored
    catalog : where their files are found, by `row`
    folder : the run folder

    Returns
    -------
    list of dict
        `row`, `target`, `truth`, `decision`, `p` (of the decided class), `picture` (relative to the folder), worst first.
    """
    told = predictions.merge(catalog.frame[["row", "component"]], on="row", validate="many_to_one")
    worst = pd.concat([_worst(told, name, target) for name, target in catalog.targets.items()], ignore_index=True)
    if worst.empty:
        return []
    (folder / "figures" / "mistakes").mkdir(parents=True, exist_ok=True)
    pictures = Pictures(worst.merge(catalog.frame[["row", "file", "bytes_sha"]], on="row", validate="many_to_one"), fitting, Cache())
    worst["picture"] = [f"figures/mistakes/{i}.png" for i in range(len(worst))]
    for name, picture in zip(worst["picture"], pictures, strict=True):
        Image.fromarray(picture).save(folder / name)
    return [{str(key): value for key, value in entry.items()} for entry in worst.to_dict("records")]


def _worst(predictions: pd.DataFrame, name: str, target: Target) -> pd.DataFrame:
    """The rows that were decided wrongly with most confidence, one of each component: its others are often the same picture, turned."""
    truth, decision = predictions[f"truth:{name}"], predictions[f"decision:{name}"]
    wrong = predictions[truth.notna() & (truth != decision)]
    p = wrong[[f"p:{name}:{cls}" for cls in target.classes]].to_numpy()
    decided, true = target.encode(wrong[f"decision:{name}"]), target.encode(wrong[f"truth:{name}"])
    at = np.arange(len(wrong))
    told = pd.DataFrame(
        {
            "row": wrong["row"].to_numpy(),
            "component": wrong["component"].to_numpy(),
            "target": name,
            "truth": wrong[f"truth:{name}"].to_numpy(),
            "decision": wrong[f"decision:{name}"].to_numpy(),
            "p": p[at, decided],
            "gap": p[at, decided] - p[at, true],
        }
    )
    return told.sort_values("gap", ascending=False, kind="stable").drop_duplicates("component").head(SHOWN).drop(columns=["gap", "component"])
