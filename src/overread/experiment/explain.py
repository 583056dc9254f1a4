"""Heat maps of images nobody labelled, with a finished run: films with the heat laid over them, and a table of magnitudes."""

from collections.abc import Sequence
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from overread.catalog import Target
from overread.errors import UserError, nearest
from overread.experiment.gather import rejections, scan_all
from overread.experiment.judge import judge, kept
from overread.experiment.output import check_folder, write_table
from overread.experiment.result import Result
from overread.experiment.unlabelled import unlabelled
from overread.explanation.base import Heat
from overread.explanation.explain import explain as heat_of
from overread.explanation.explain import the_network
from overread.explanation.layers import find
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.overlay import overlay
from overread.imaging.pictures import Pictures
from overread.learners.base import load
from overread.progress import track
from overread.registry import EXPLANATIONS
from overread.run import Run

TABLE = "heat.csv"


def explain(
    folder: Path, images: Sequence[str], out: Path, *, method: str | None = None, layer: str | None = None, label: str | None = None
) -> Result:
    """Write ``<row>.png``, each film at its own resolution under its heat map, and ``heat.csv``, a row an image.

    Parameters
    ----------
    folder : Path
        A finished run.
    images : sequence of str
        What `unlabelled` takes: files, folders, archives, members and frames.
    out : Path
        A new folder.
    method, layer : str, optional
        A member of `explanation/` and a module of the network; by default those of the run's recipe.
    label : str, optional
        The class to explain in every image; by default the one that was decided for it: what spoke for the call that was made.

    Returns
    -------
    Result
        `heat.csv` has `row`, `image`, `class` (explained), `decision`, `p` (calibrated, of the class explained), `score` (its logit), `peak`
        and `mean` of the map (in logits), `method`, `layer`, `padding` (share of the map on the black that `letterbox` adds), `x` and `y`
        (where the map peaks, in pixels of the film; beyond its edge on padding; blank where the map is zero), and `reason` where an image
        could not be read.

    Raises
    ------
    UserError
        No finished run, no such method, layer or class, a network without a map, no image, or an output folder that is not empty.
    """
    run = Run.open(folder)
    check_folder(out)
    model, asked = load(folder / "model"), run.recipe.explain
    method, network = method or asked.method, the_network(model)
    EXPLANATIONS.get(method)
    layer = find(network, model.fitting.size, layer or asked.layer)
    [(name, target)] = model.targets.items()
    if label is not None and label not in target.classes:
        raise UserError(f"the run knows no class {label!r}", f"target {name}", nearest(label, target.classes))
    decisions = kept(run)
    given = unlabelled(images, model.targets)
    found, rejected = scan_all(given, model.fitting, run.recipe.runtime)
    judged = judge(model.predict(found), model.targets, decisions)
    codes = target.encode(judged[f"decision:{name}"] if label is None else pd.Series(label, index=judged.index))
    pictures = Pictures(found.frame, model.fitting, Cache())
    heat = heat_of(model, pictures, codes, method, layer)
    out.mkdir(parents=True, exist_ok=True)
    drawn = [_draw(pictures, index, heat, out) for index in track(range(len(pictures)), "drawing", len(pictures))]
    told = _measured(judged, heat, name, target).assign(method=method, layer=heat.layer).join(pd.DataFrame(drawn, columns=["padding", "x", "y"]))
    table = given.frame[["row", "image"]].merge(told, on="row", how="left").merge(rejected[["row", "reason"]], on="row", how="left")
    write_table(table, out / TABLE)
    blank = int((heat.peaks == 0).sum())
    return Result(
        content={"folder": str(out), "explained": len(told), "rejected": len(rejected), "method": method, "layer": heat.layer, "all_zero": blank},
        words=[
            f"{len(told):,} image{'s' * (len(told) != 1)} explained by {method} at {heat.layer}, {len(rejected)} rejected: {out}",
            *([f"{blank:,} of the maps zero everywhere: nothing at this layer spoke for the class."] if blank else []),
            "A heat map is a hypothesis about where the network looked, not a proof. Research use only, not a medical device.",
        ],
        findings=rejections(rejected, TABLE),
    )


def _measured(judged: pd.DataFrame, heat: Heat, name: str, target: Target) -> pd.DataFrame:
    """A row an image: what was explained of it, how it was called, and how strong its map is."""
    p = judged[[f"p:{name}:{cls}" for cls in target.classes]].to_numpy()
    return pd.DataFrame(
        {
            "row": judged["row"],
            "class": target.decode(heat.codes),
            "decision": judged[f"decision:{name}"],
            "p": p[np.arange(len(p)), heat.codes],
            "score": heat.scores,
            "peak": heat.peaks,
            "mean": heat.means,
        }
    )


def _draw(pictures: Pictures, index: int, heat: Heat, out: Path) -> tuple[float, float, float]:
    """Write one film under its map, the colours up to the map's own peak.

    Returns the share of the map on padding and the place of its peak in the film, x and y; not numbers where the map is zero.
    """
    film, fitting, drawn = pictures.film(index), pictures.fitting, heat.maps[index]
    height, width = film.shape[:2]
    top = float(heat.peaks[index])
    Image.fromarray(overlay(film, fitting.back(drawn, (height, width)), top)).save(out / f"{pictures.rows[index]}.png")
    if top == 0:
        return nan, nan, nan
    across, down = heat.places[index] * fitting.size
    x, y = fitting.point(across, down, (height, width))
    return _on_padding(drawn, fitting, (height, width)), round(x, 1), round(y, 1)


def _on_padding(drawn: np.ndarray, fitting: Fitting, shape: tuple[int, int]) -> float:
    """Share of a map that lies where the square holds no film."""
    size = fitting.size
    whole = Fitting(size, "squash").back(drawn, (size, size))
    film = fitting.apply(np.full(shape, 255, np.uint8))[..., 0] > 0
    return float(whole[~film].sum() / whole.sum())
