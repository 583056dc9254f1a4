"""Do heat maps point at the fracture? The default recipe on phantom films, whose fractures are known to the pixel.

    python benchmarks/heat.py [--keep FOLDER]

Films of 224 px, so that a film's pixel is one of the network's. For every test film with a fracture the class `fracture` is explained; a hit
is a map that peaks (`Heat.places`) inside the fracture's mask dilated by 5 px. A map of zeros is a miss. Beside the share of hits stand:

- `chance_area`: a place anywhere on the film, padding left out: the mean share of the film that the dilated mask covers;
- `chance_anatomy`: the peaks of other patients' films of the same body part, on this film's mask: what knowing the anatomy is worth;
- `share_of_cells`: hits if the peak were the middle of the highest cell, and `reachable`: the share of films whose dilated mask holds the
  middle of any cell at all, above which that could not rise; 7 x 7 cells are 32 px wide.

Intervals are bootstraps over components; `over_anatomy` is the share of hits less `chance_anatomy`, film by film.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from record import record

from overread.evaluation.intervals import clustered_bootstrap
from overread.experiment.train import train
from overread.explanation.base import Heat
from overread.explanation.explain import explain
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.read import read
from overread.learners.base import load
from overread.progress import shown
from overread.recipe import load as recipe
from overread.registry import EXPLANATIONS
from overread.run import Run

N, SIZE, SUBTLETY, SEED, DILATED, DRAWS = 2400, 224, 0.1, 0, 5, 2000

LAYERS = (None, "blocks.4")
"""The default, 7 x 7 cells of EfficientNet-Lite0 at 224 px, and the last stage of 14 x 14."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--keep", type=Path, help="where the films and the run stay, to be gone on with (default: nowhere)")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch, shown():
        place = given.keep or Path(scratch)
        told = recipe("default", [f"seed={SEED}"], [f"phantom:{place / 'films'}?n={N}&size={SIZE}&subtlety={SUBTLETY}&seed={SEED}"])
        if not (place / "run" / "report.html").exists():
            train(told, place / "run", resume=True)
        run, model = Run.open(place / "run"), load(place / "run" / "model")
        films = run.catalog.part("test").frame
        films = films[films["fracture"] == "fracture"].merge(run.predictions[["row", "decision:fracture"]], on="row")
        masks = np.stack([dilated(file, model.fitting) for file in films["mask"]])
        pictures = Pictures(films, model.fitting, Cache())
        rows = []
        for layer in LAYERS:
            for method in EXPLANATIONS.names():
                heat = explain(model, pictures, np.ones(len(films), dtype=np.int64), method, layer)
                for cases, chosen in (("all", np.full(len(films), True)), ("called fracture", (films["decision:fracture"] == "fracture").to_numpy())):
                    rows.append(
                        {"method": method, "layer": heat.layer, "cells": heat.maps.shape[1], "cases": cases, **judged(films, masks, heat, chosen)}
                    )
        test = run.metrics["test"]["fracture"]["metrics"]["auroc"]
        seconds = sum(event["seconds"] for event in run.log if "epoch" in event)
    path = record(
        "heat",
        SEED,
        rows,
        films=N,
        size=SIZE,
        subtlety=SUBTLETY,
        dilated=DILATED,
        draws=DRAWS,
        auroc=test,
        seconds_of_training=round(seconds),
    )
    print(pd.DataFrame(rows).to_string(index=False), path, sep="\n")


def dilated(file: str, fitting: Fitting) -> np.ndarray:
    """(size, size) int8 in the network's square: 1 within 5 px of the fracture, 0 on the rest of the film, -1 on padding."""
    mask = read(file)
    square, film = (fitting.apply(picture)[..., 0] for picture in (mask, np.full_like(mask, 255)))
    far = cv2.distanceTransform((square < 128).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.where(film == 0, -1, far <= DILATED).astype(np.int8)


def judged(films: pd.DataFrame, masks: np.ndarray, heat: Heat, chosen: np.ndarray) -> dict[str, Any]:
    """Hits of the chosen films, what chance would hit, and intervals."""
    size, cells = masks.shape[1], heat.maps.shape[1]
    at = (heat.places * size).astype(int)
    hit = (masks[np.arange(len(masks)), at[:, 1], at[:, 0]] == 1) & (heat.peaks > 0)
    middles = ((np.arange(cells) + 0.5) * size / cells).astype(int)
    on_middles = (masks[:, middles][:, :, middles] == 1).reshape(len(masks), -1)
    highest = on_middles[np.arange(len(masks)), heat.maps.reshape(len(masks), -1).argmax(axis=1)] & (heat.peaks > 0)
    area = (masks == 1).sum(axis=(1, 2)) / (masks >= 0).sum(axis=(1, 2))
    apart = films["component"].to_numpy()[:, None] != films["component"].to_numpy()
    alike = (films["body_part"].to_numpy()[:, None] == films["body_part"].to_numpy()) & apart & (heat.peaks > 0)
    crossed = masks[:, at[:, 1], at[:, 0]] == 1
    anatomy = np.where(alike.any(axis=1), (crossed & alike).sum(axis=1) / alike.sum(axis=1).clip(min=1), area)
    hit, area, anatomy = (values[chosen].astype(float) for values in (hit, area, anatomy))
    component = films["component"].to_numpy()[chosen]
    found = clustered_bootstrap(
        lambda weights: (
            {"share": weights @ hit / weights.sum(1), "over_area": weights @ (hit - area) / weights.sum(1)}
            | {"over_anatomy": weights @ (hit - anatomy) / weights.sum(1)}
        ),
        component,
        draws=DRAWS,
        seed=SEED,
    )
    told = {
        f"{name}{end}": None if value is None else round(value, 4)
        for name, figure in found.items()
        for end, value in zip(("", "_low", "_high"), (figure.value, figure.low, figure.high), strict=True)
    }
    counts = {"films": len(hit), "components": len(np.unique(component)), "zero": int((heat.peaks[chosen] == 0).sum())}
    beside = {"chance_area": area, "chance_anatomy": anatomy, "share_of_cells": highest[chosen], "reachable": on_middles.any(axis=1)[chosen]}
    return {**counts, **told, **{name: round(float(values.mean()), 4) for name, values in beside.items()}}


if __name__ == "__main__":
    main()
