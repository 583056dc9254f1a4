"""Heat maps of images nobody labelled, with a finished run: films with the heat laid over them, and a table of magnitudes."""

from collections.abc import Sequence
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from overread.catalog import Catalog
from overread.errors import UserError, nearest
from overread.evaluation.figures.draw import slug
from overread.experiment.answers.judge import judge, kept
from overread.experiment.answers.speaking import speaking
from overread.experiment.output import check_folder, write_table
from overread.experiment.result import Result
from overread.experiment.rows.gather import rejections, scan_all
from overread.experiment.rows.unlabelled import unlabelled
from overread.explanation.base import Heat
from overread.explanation.explain import check_layer
from overread.explanation.explain import explain as heat_of
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.overlay import overlay
from overread.imaging.pictures import Pictures
from overread.learners.base import Model, load
from overread.progress import track
from overread.registry import EXPLANATIONS
from overread.run import Run

TABLE = "heat.csv"


def explain(
    folder: Path,
    images: Sequence[str],
    out: Path,
    *,
    target: str | None = None,
    method: str | None = None,
    layer: str | None = None,
    label: str | None = None,
) -> Result:
    """Write each film at its own resolution under its heat map, and ``heat.csv``, a row a map.

    A map is ``<row>.png``, of a model that answers several questions ``<row>-<target>.png``.

    Parameters
    ----------
    folder : Path
        A finished run.
    images : sequence of str
        What `unlabelled` takes: files, folders, archives, members and frames.
    out : Path
        A new folder.
    target : str, optional
        The question to explain; by default all that a network answers, or the one that `label` is an answer to.
    method, layer : str, optional
        A member of `explanation/` and a module of the networks; by default those of the run's recipe.
    label : str, optional
        The class to explain in every image; by default the one that was decided for it: what spoke for the call that was made. Of a cascade's
        router it is the part that it chose.

    Returns
    -------
    Result
        `heat.csv` has `row`, `image`, `target`, `network` (which spoke), `class` (explained), `decision`, `p` (calibrated, of the class
        explained), `score` (its logit), `peak` and `mean` of the map (in logits), `method`, `layer`, `padding` (share of the map on the black
        that `letterbox` adds), `x` and `y` (where the map peaks, in pixels of the film; beyond its edge on padding; blank where the map is
        zero), and `reason` where an image could not be read.

    Raises
    ------
    UserError
        No finished run, no such method, layer, target or class, a network without a map, no image, or an output folder that is not empty.
    """
    run = Run.open(folder)
    check_folder(out)
    model, asked = load(folder / "model"), run.recipe.explain
    method, layer = method or asked.method, layer or asked.layer
    EXPLANATIONS.get(method)
    check_layer(model, layer)
    target = _asked(model, target, label)
    decisions = kept(run)
    given = unlabelled(images, model.targets)
    found, rejected = scan_all(given, model.fitting, run.recipe.runtime)
    spoken = speaking(model, judge(model.predict(found), model.targets, decisions), label)
    told = pd.concat([_explained(model, found, spoken[name], out, method, layer) for name in _spoken(spoken, target)])
    table = given.frame[["row", "image"]].merge(told, on="row", how="left").merge(rejected[["row", "reason"]], on="row", how="left")
    write_table(table, out / TABLE)
    blank = int((told["peak"] == 0).sum())
    networks = told["network"].unique().tolist()
    layers = "; ".join(told["layer"].unique())
    return Result(
        content={
            "folder": str(out),
            "explained": len(found),
            "rejected": len(rejected),
            "targets": told["target"].unique().tolist(),
            "networks": networks,
            "method": method,
            "layer": layers,
            "all_zero": blank,
        },
        words=[
            f"{len(found):,} image{'s' * (len(found) != 1)} explained by {method} at {layers}, {len(rejected)} rejected: {out}",
            *([f"Networks that spoke: {', '.join(networks)}. Their logits do not compare."] if len(networks) > 1 else []),
            *([f"{blank:,} of the maps zero everywhere: nothing at this layer spoke for the class."] if blank else []),
            "A heat map is a hypothesis about where the network looked, not a proof. Research use only, not a medical device.",
        ],
        findings=rejections(rejected, TABLE),
    )


def _asked(model: Model, target: str | None, label: str | None) -> str | None:
    """The one question to explain, None for all; refused if the model does not answer it, or so."""
    if target is not None and target not in model.targets:
        raise UserError(f"the run does not answer {target!r}", "--target", nearest(target, model.targets))
    if label is None:
        return target
    among = [target] if target else list(model.targets)
    answers = [name for name in among if label in model.targets[name].classes]
    if not answers:
        known = [cls for name in among for cls in model.targets[name].classes]
        raise UserError(f"the run knows no class {label!r}", f"target {', '.join(among)}", nearest(label, known))
    if len(answers) > 1:
        raise UserError(f"{label!r} is a class of {' and '.join(answers)}", "--class", f"say which, e.g. --target {answers[0]}")
    return answers[0]


def _spoken(spoken: dict[str, pd.DataFrame], target: str | None) -> list[str]:
    """The targets to explain, of those that a network answers."""
    if target is not None and target not in spoken:
        raise UserError(f"{target!r} is answered by no network, so nothing says where it looked", "--target", nearest(target, spoken))
    return list(spoken) if target is None else [target]


def _explained(model: Model, found: Catalog, spoken: pd.DataFrame, out: Path, method: str, layer: str | None) -> pd.DataFrame:
    """Draw one target's maps; a row an image: what was explained of it, how it was called, how strong its map is and where it peaks."""
    pictures = Pictures(found.frame, model.fitting, Cache())
    name = spoken["target"].iloc[0]
    heat = heat_of(model, pictures, model.targets[name].encode(spoken["class"]), method, layer, spoken["network"].tolist())
    out.mkdir(parents=True, exist_ok=True)
    ending = f"-{slug(name)}" if len(model.targets) > 1 else ""
    drawn = [_draw(pictures, index, heat, out, ending) for index in track(range(len(pictures)), "drawing", len(pictures))]
    measured = spoken.assign(score=heat.scores, peak=heat.peaks, mean=heat.means, method=method, layer=heat.layer)
    return measured.join(pd.DataFrame(drawn, columns=["padding", "x", "y"]))


def _draw(pictures: Pictures, index: int, heat: Heat, out: Path, ending: str) -> tuple[float, float, float]:
    """Write one film under its map, the colours up to the map's own peak.

    Returns the share of the map on padding and the place of its peak in the film, x and y; not numbers where the map is zero.
    """
    film, fitting, drawn = pictures.film(index), pictures.fitting, heat.maps[index]
    height, width = film.shape[:2]
    top = float(heat.peaks[index])
    Image.fromarray(overlay(film, fitting.back(drawn, (height, width)), top)).save(out / f"{pictures.rows[index]}{ending}.png")
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
