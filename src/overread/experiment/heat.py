"""Where the network looked, for the report: heat maps of the worst mistakes and of the most certain correct calls, on one scale."""

from math import ceil
from pathlib import Path

import pandas as pd
from PIL import Image

from overread.catalog import Catalog
from overread.errors import UserError
from overread.experiment.mistakes import surest
from overread.explanation.explain import explain, the_network
from overread.explanation.layers import find
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.overlay import overlay
from overread.imaging.pictures import Pictures
from overread.learners.base import Model
from overread.recipe import Explain
from overread.registry import EXPLANATIONS
from overread.run import write_json

SHOWN = 6
"""Cases of each kind; right calls are shared among the classes, as the easiest class would fill them all."""

OTHER_MODEL = "The maps are of the model that is kept, which learnt from these images too; calls and probabilities are those of the folds."


def draw_heat(model: Model, predictions: pd.DataFrame, catalog: Catalog, folder: Path, plan: Explain) -> None:
    """Write ``heat.json``, and ``figures/heat/`` with each case's square as the network saw it, plain and under its map.

    A map speaks for the class that was decided. All are painted on one scale, up to the highest peak among them.

    Parameters
    ----------
    model : that of the run
    predictions : judged rows, of the split that is scored; `fold` says that they are of other models
    catalog : where their files are found, by `row`
    folder : the run folder

    Raises
    ------
    UserError
        The recipe names a layer that the network does not have. A model without a network, or a network without a map, is said in
        `heat.json` instead.
    """
    try:
        layer = find(the_network(model), model.fitting.size, plan.layer)
    except UserError as fault:
        if plan.layer is not None and model.networks():
            raise
        write_json(folder / "heat.json", {"note": f"No heat maps: {fault.what}.", "cases": []})
        return
    cases = _cases(predictions, catalog, next(iter(model.targets)))
    if cases.empty:
        write_json(folder / "heat.json", {"note": "No heat maps: the truth of no image is known.", "cases": []})
        return
    pictures = Pictures(cases.merge(catalog.frame[["row", "file", "bytes_sha"]], on="row", validate="many_to_one"), model.fitting, Cache())
    heat = explain(model, pictures, next(iter(model.targets.values())).encode(cases["decision"]), plan.method, layer)
    top = float(heat.peaks.max())
    (folder / "figures" / "heat").mkdir(parents=True, exist_ok=True)
    for picture, drawn, film, painted in zip(pictures, heat.maps, cases["film"], cases["picture"], strict=True):
        whole = Fitting(len(picture), "squash").back(drawn, picture.shape[:2])
        Image.fromarray(picture).save(folder / film)
        Image.fromarray(overlay(picture, whole, top)).save(folder / painted)
    measured = cases.assign(score=heat.scores.astype(float), peak=heat.peaks.astype(float), mean=heat.means.astype(float))
    title = EXPLANATIONS.describe()[plan.method].partition(":")[0]
    told = {"method": plan.method, "title": title, "layer": heat.layer, "top": top, "note": OTHER_MODEL if "fold" in predictions else ""}
    write_json(folder / "heat.json", {**told, "cases": measured.to_dict("records")})


def _cases(predictions: pd.DataFrame, catalog: Catalog, name: str) -> pd.DataFrame:
    """The surest wrong calls and the surest right ones, as `surest` tells them, with their `kind` and the files to draw."""
    wrong, right = (surest(predictions, catalog, name, right=right) for right in (False, True))
    of_each = right.groupby("decision").head(ceil(SHOWN / len(catalog.targets[name].classes)))
    cases = pd.concat([wrong.head(SHOWN).assign(kind="mistake"), of_each.head(SHOWN).assign(kind="certain")], ignore_index=True)
    number = cases.index.astype(str)
    return cases.assign(film="figures/heat/" + number + "-film.png", picture="figures/heat/" + number + ".png")
