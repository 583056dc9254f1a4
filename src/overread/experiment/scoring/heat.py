"""Where the networks looked, for the report: maps of the worst mistakes and of the most certain correct calls, a scale a question."""

from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.experiment.answers.speaking import speaking
from overread.experiment.scoring.mistakes import surest
from overread.explanation.explain import check_layer, explain
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

QUESTIONS = 4
"""Maps beside each other of one case, at most: one a question."""

OTHER_MODEL = "The maps are of the model that is kept, which learnt from these images too; calls and probabilities are those of the folds."


def draw_heat(model: Model, predictions: pd.DataFrame, catalog: Catalog, folder: Path, plan: Explain) -> None:
    """Write ``heat.json``, and ``figures/heat/`` with each case's square as the network saw it, plain and under a map a question.

    Cases are the surest calls of the main question, right ones and wrong ones; the other questions' maps are of the same pictures. A map
    speaks for the class that was decided, a router's for the part it chose. All of one question are painted on one scale, up to the highest
    peak among them; logits of two questions do not compare.

    Parameters
    ----------
    model : that of the run
    predictions : judged rows, one an image, of the split that is scored; `fold` says that they are of other models
    catalog : where their files are found, by `row`
    folder : the run folder

    Raises
    ------
    UserError
        The recipe names a layer that a network does not have. A model without a network, or a network without a map, is said in
        `heat.json` instead.
    """
    judged = predictions.reset_index(drop=True)
    cases = _cases(judged, catalog, next(iter(model.targets)))
    try:
        check_layer(model, plan.layer)
        spoken = speaking(model, judged.loc[cases.index])
        shown = list(spoken)[:QUESTIONS]
        check_layer(model, plan.layer, [network for name in shown for network in spoken[name]["network"]])
    except UserError as fault:
        if plan.layer is not None and model.networks():
            raise
        write_json(folder / "heat.json", {"note": f"No heat maps: {fault.what}.", "maps": []})
        return
    if cases.empty:
        write_json(folder / "heat.json", {"note": "No heat maps: the truth of no image is known.", "maps": []})
        return
    files = cases[["row"]].merge(catalog.frame[["row", "file", "bytes_sha"]], on="row", validate="many_to_one")
    pictures = Pictures(files, model.fitting, Cache())
    (folder / "figures" / "heat").mkdir(parents=True, exist_ok=True)
    films = [f"figures/heat/{number}-film.png" for number in range(len(cases))]
    for picture, film in zip(pictures, films, strict=True):
        Image.fromarray(picture).save(folder / film)
    about = pd.DataFrame({"kind": cases["kind"].to_numpy(), "film": films})
    maps = []
    for place, name in enumerate(shown):
        truth = judged.loc[cases.index, f"truth:{name}"].reset_index(drop=True)
        told = about.join(spoken[name]).assign(truth=truth.astype(object).where(truth.notna(), None))
        maps += _drawn(model, model.targets[name], pictures, told, folder, plan, f"-{place}" if place else "")
    write_json(
        folder / "heat.json",
        {
            "method": plan.method,
            "title": EXPLANATIONS.describe()[plan.method].partition(":")[0],
            "layer": " / ".join(dict.fromkeys(entry["layer"] for entry in maps)),
            "tops": {entry["target"]: entry["top"] for entry in maps},
            "note": " ".join([OTHER_MODEL] * ("fold" in predictions) + [_left_out(spoken)] * (len(spoken) > QUESTIONS)),
            "maps": maps,
        },
    )


def _drawn(model: Model, target: Target, pictures: Pictures, told: pd.DataFrame, folder: Path, plan: Explain, ending: str) -> list[dict[str, Any]]:
    """Paint one question's maps on one scale; an entry a case."""
    heat = explain(model, pictures, target.encode(told["class"]), plan.method, plan.layer, told["network"].tolist())
    top = float(heat.peaks.max())
    files = [f"figures/heat/{number}{ending}.png" for number in range(len(told))]
    for picture, drawn, file in zip(pictures, heat.maps, files, strict=True):
        whole = Fitting(len(picture), "squash").back(drawn, picture.shape[:2])
        Image.fromarray(overlay(picture, whole, top)).save(folder / file)
    numbers = {name: values.astype(float) for name, values in (("score", heat.scores), ("peak", heat.peaks), ("mean", heat.means))}
    measured = told.assign(picture=files, layer=heat.layer, top=top, **numbers)
    return [{str(key): value for key, value in entry.items()} for entry in measured.to_dict("records")]


def _left_out(spoken: dict[str, pd.DataFrame]) -> str:
    """Which questions have no map here."""
    return f"The first {QUESTIONS} of {len(spoken)} questions have maps here; `overread explain --target` draws those of the others."


def _cases(predictions: pd.DataFrame, catalog: Catalog, name: str) -> pd.DataFrame:
    """The surest wrong calls and the surest right ones, as `surest` tells them, with their `kind`; indexed by their places in `predictions`."""
    wrong, right = (surest(predictions, catalog, name, right=right) for right in (False, True))
    of_each = right.groupby("decision").head(ceil(SHOWN / len(catalog.targets[name].classes)))
    return pd.concat([wrong.head(SHOWN).assign(kind="mistake"), of_each.head(SHOWN).assign(kind="certain")])
