"""Fitted images and their catalog on disk, for use elsewhere."""

from pathlib import Path

import pandas as pd
from PIL import Image as Pillow

from overread.experiment.output import check_folder, write_table
from overread.experiment.result import Result
from overread.experiment.rows.gather import gather, rejections
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.progress import track
from overread.recipe import Image, Runtime

SIZE = 224


def prepare(source: str, out: Path, image: Image) -> Result:
    """Write every readable image of a source as a fitted 8-bit PNG, and the catalog that names them.

    Parameters
    ----------
    source : str
        ``reader:path[?key=value&...]``
    out : Path
        A new folder: ``images/<row>.png``, `catalog.parquet`, `catalog.csv` (readable as ``table:``) and `rejected.csv`.
    image : overread.recipe.Image
        Size (224 if not given) and fit.
    """
    check_folder(out)
    fitting = Fitting.of(image, image.size or SIZE)
    catalog, rejected = gather([source], fitting, Runtime())
    (out / "images").mkdir(parents=True)
    names = "images/" + catalog.frame["row"].str.replace("/", "-") + ".png"
    pictures = Pictures(catalog.frame, fitting, Cache())
    for name, picture in track(zip(names, pictures, strict=True), "writing images", len(names)):
        grey = (picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all()
        Pillow.fromarray(picture[..., 0] if grey else picture).save(out / name)
    prepared = catalog.replace(catalog.frame.assign(original=catalog.frame["image"], image=names, file=names))
    write_table(rejected, out / "rejected.csv")
    prepared.save(out / "catalog.parquet")
    write_table(_blank_free(prepared.frame).drop(columns=["row", "file"]), out / "catalog.csv")
    return Result(
        content={"folder": str(out), "images": len(catalog), "rejected": len(rejected), "size": fitting.size, "fit": fitting.fit},
        words=[f"{len(catalog):,} images of {fitting.size} px written, {len(rejected)} rejected: {out}"],
        findings=rejections(rejected),
    )


def _blank_free(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the columns in which nothing is known."""
    return frame.loc[:, [bool((frame[name].notna() & (frame[name].astype("str") != "")).any()) for name in frame]]
