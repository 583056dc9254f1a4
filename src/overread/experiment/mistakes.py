"""The worst mistakes as pictures: what a reader should look at before believing a figure."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from overread.catalog import Catalog
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
    worst = pd.concat([surest(predictions, catalog, name, right=False).head(SHOWN) for name in catalog.targets], ignore_index=True)
    if worst.empty:
        return []
    (folder / "figures" / "mistakes").mkdir(parents=True, exist_ok=True)
    pictures = Pictures(worst.merge(catalog.frame[["row", "file", "bytes_sha"]], on="row", validate="many_to_one"), fitting, Cache())
    worst["picture"] = [f"figures/mistakes/{i}.png" for i in range(len(worst))]
    for name, picture in zip(worst["picture"], pictures, strict=True):
        Image.fromarray(picture).save(folder / name)
    return [{str(key): value for key, value in entry.items()} for entry in worst.to_dict("records")]


def surest(predictions: pd.DataFrame, catalog: Catalog, name: str, *, right: bool) -> pd.DataFrame:
    """The calls of a target that were made with most confidence, right ones or wrong ones.

    Of each component one: its others are often the same picture, turned.

    Returns
    -------
    pandas.DataFrame
        `row`, `target`, `truth`, `decision`, `p` (of the decided class), the surest first: the most ahead of the true class if wrong, of
        the next if right.
    """
    target = catalog.targets[name]
    told = predictions.merge(catalog.frame[["row", "component"]], on="row", validate="many_to_one")
    truth, decision = told[f"truth:{name}"], told[f"decision:{name}"]
    told = told[truth.notna() & ((truth == decision) == right)]
    decided, true = target.encode(told[f"decision:{name}"]), target.encode(told[f"truth:{name}"])
    p, at = told[[f"p:{name}:{cls}" for cls in target.classes]].to_numpy(dtype=float), np.arange(len(told))
    others = np.where(np.arange(len(target.classes)) == decided[:, None], -np.inf, p)
    cases = pd.DataFrame(
        {
            "row": told["row"].to_numpy(),
            "component": told["component"].to_numpy(),
            "target": name,
            "truth": told[f"truth:{name}"].to_numpy(),
            "decision": told[f"decision:{name}"].to_numpy(),
            "p": p[at, decided],
            "gap": p[at, decided] - (others.max(axis=1, initial=-np.inf) if right else p[at, true]),
        }
    )
    return cases.sort_values("gap", ascending=False, kind="stable").drop_duplicates("component").drop(columns=["gap", "component"])
