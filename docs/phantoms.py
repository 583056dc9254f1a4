"""Phantoms at a glance: docs/images/phantoms.png, one column a region: whole, broken from two sides, and the break outlined.

python docs/phantoms.py
"""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from overread.datasets.phantom.anatomy import REGIONS
from overread.datasets.phantom.cohort import enrol
from overread.datasets.phantom.film import Film
from overread.datasets.phantom.store import take
from overread.imaging.fit import Fitting
from overread.imaging.window import window

PAGE = Path(__file__).parent / "images" / "phantoms.png"
SIZE, EDGE, SEED, SUBTLETY = 400, 190, 8, 0.25
EVEN = dict.fromkeys(("marker", "border", "site", "contrast"), 1.0)
ORANGE = (40, 150, 255)


def main() -> None:
    films = enrol(600, SEED, 0.5, EVEN)
    columns = []
    for region in REGIONS:
        of_region = films[films["body_part"] == region]
        whole = of_region[of_region["kind"] == ""].index[0]
        twice = of_region[of_region["kind"] != ""].groupby("study").filter(lambda study: {"AP", "lateral"} <= set(study["view"]))
        first, second = twice[twice["view"].isin(["AP", "lateral"])].index[:2]
        shown = [_film(films, number) for number in (whole, first, second)]
        columns.append(np.vstack([*(_tile(film) for film in shown), _tile(shown[1], outlined=True)]))
    Image.fromarray(np.hstack(columns)[..., ::-1]).quantize(96, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(PAGE, optimize=True)
    print(PAGE)


def _film(films: pd.DataFrame, number: int) -> Film:
    return take(films.loc[number].to_dict(), SEED, number, SIZE, SUBTLETY)


def _tile(film: Film, outlined: bool = False) -> NDArray[np.uint8]:
    """(EDGE, EDGE, 3) uint8 BGR, the mask's outline drawn where asked."""
    square = Fitting(EDGE - 4).apply(window(film.pixels))
    if outlined:
        mask = Fitting(EDGE - 4).apply(np.where(film.mask, 255, 0).astype(np.uint8))[..., 0] > 127
        outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(square, outlines, -1, ORANGE, 1)
    return cv2.copyMakeBorder(square, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(70, 70, 70))


if __name__ == "__main__":
    main()
