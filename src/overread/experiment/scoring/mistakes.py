"""The worst mistakes as pictures: what a reader should look at before believing a figure."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from overread.catalog import Catalog
from overread.evaluation.units import Unit, gather
from overread.experiment.answers.reading import Judged
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures

SHOWN = 12


def draw_mistakes(judged: Judged, catalog: Catalog, folder: Path, fitting: Fitting, unit: Unit = "image") -> list[dict[str, Any]]:
    """Write the most confidently wrong cases of each target to ``figures/mistakes/`` as the network saw them.

    Of a unit of several images the one is drawn that, by itself, speaks most for the wrong call: there a reader should look first.

    Parameters
    ----------
    judged : of the split that is scored
    catalog : where their files are found, by `row`
    folder : the run folder

    Returns
    -------
    list of dict
        `row`, `target`, `truth`, `decision`, `p` (of the decided class), `picture` (relative to the folder), worst first; of units also
        `unit`, `images` (how many) and `shown` (the row that is drawn).
    """
    worst = pd.concat([surest(judged.cases, catalog, name, right=False).head(SHOWN) for name in catalog.targets], ignore_index=True)
    if worst.empty:
        return []
    drawn = worst["row"]
    if unit != "image":
        worst = _telling(worst, judged, catalog, unit)
        drawn = worst["shown"]
    (folder / "figures" / "mistakes").mkdir(parents=True, exist_ok=True)
    files = catalog.frame.set_index("row")[["file", "bytes_sha"]]
    pictures = Pictures(files.loc[drawn].reset_index(), fitting, Cache())
    worst["picture"] = [f"figures/mistakes/{i}.png" for i in range(len(worst))]
    for name, picture in zip(worst["picture"], pictures, strict=True):
        Image.fromarray(picture).save(folder / name)
    return [{str(key): value for key, value in entry.items()} for entry in worst.to_dict("records")]


def _telling(worst: pd.DataFrame, judged: Judged, catalog: Catalog, unit: Unit) -> pd.DataFrame:
    """The cases with `unit`, `images` and `shown`: the row of the image that gives the decided class its largest probability."""
    units = gather(judged.images, catalog.frame, unit)
    images = units.rows.assign(unit=units.member)
    shown = []
    for row, name, decision in worst[["row", "target", "decision"]].itertuples(index=False):
        own = images[images["unit"] == row]
        shown.append(own["row"].iloc[int(own[f"p:{name}:{decision}"].to_numpy().argmax())])
    many = images.drop_duplicates("row").groupby("unit").size()
    return worst.assign(unit=unit, images=worst["row"].map(many).astype(int), shown=np.array(shown))


def surest(predictions: pd.DataFrame, catalog: Catalog, name: str, *, right: bool) -> pd.DataFrame:
    """The calls of a target that were made with most confidence, right ones or wrong ones.

    Of each component one: its others are often the same picture, turned.

    Returns
    -------
    pandas.DataFrame
        `row`, `target`, `truth`, `decision`, `p` (of the decided class), the surest first: the most ahead of the true class if wrong, of
        the next if right. Indexed by their places in `predictions`, in which a row may stand several times.
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
        },
        index=told.index,
    )
    return cases.sort_values("gap", ascending=False, kind="stable").drop_duplicates("component").drop(columns=["gap", "component"])
