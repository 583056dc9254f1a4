"""Made-up radiographs of broken and whole bones whose truth is known, written once to a folder: for a first try, and for tests.

x/phantom.json              how it was made
x/manifest.csv              image, fracture, patient, study, site, and what is known of each film
x/images/00000.png ...      or, with layout=mura, x/MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png ...
x/masks/00000.png ...       255 where the bone is broken
"""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import uuid4

from pydantic import Field

from overread.catalog import Catalog
from overread.datasets import mura, table
from overread.datasets.base import Options as Common
from overread.datasets.base import reader
from overread.datasets.phantom.cohort import enrol
from overread.datasets.phantom.store import Format, Layout, write
from overread.errors import UserError
from overread.imaging.cache import default_folder

VERSION = 3
"""Raise it whenever the same settings draw another set."""

Odds = Annotated[float, Field(ge=0.01, le=100)]


class Options(Common):
    """How many films, how large, how hard, and what goes with the label. Odds ratios of 1 are none."""

    pathless: ClassVar[bool] = True

    n: Annotated[int, Field(ge=20, le=100_000)] = 480
    """Films; five with planted faults come on top."""
    size: Annotated[int, Field(ge=32, le=2048)] = 128
    """Longer edge, px; in the MURA layout the longest, films being of mixed size there."""
    seed: Annotated[int, Field(ge=0)] = 0
    prevalence: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of studies with a fracture."""
    subtlety: Annotated[float, Field(ge=0, le=1)] = 0.3
    """From fractures that are plain at a glance (0) to hairlines (1)."""
    marker: Odds = 1
    """Odds ratio between a fracture and a lead letter on the film."""
    border: Odds = 1
    """... and a collimated film."""
    site: Odds = 1
    """... and the first site."""
    contrast: Odds = 1
    """... and a rendering of high contrast."""
    layout: Layout = "table"
    format: Format = "png"


@reader("phantom")
def read(path: Path | None, options: Options) -> Catalog:
    """Read a made-up set, after writing it if the folder is not there; without a folder it is kept in the cache.

    The seven regions of MURA, one or two studies a patient, one to three views a study, from six scanners at three sites. Planted
    faults: three films filed again under another patient, one film cut off and one text file named as an image. So there are n + 5
    rows.

    Returns
    -------
    Catalog
        Target `fracture` (binary: no fracture, fracture); `patient`, `study`, `site`; covariates `site` and `body_part`. With
        layout=mura it is the catalog of ``mura:``: targets `abnormal` and `body_part`, the split of the folders; `site` is a covariate more.
        Carried, as truth: `mask` (absolute path of an 8-bit PNG of the film's size, 255 = fracture, blank where whole), `kind` (line, gap, step),
        `marker` (letter or blank), `marker_box` (left top right bottom, px), `marker_angle` (degrees), `marker_mirrored`,
        `border`, `contrast`, `view`, `laterality`, `scanner`.

    Raises
    ------
    UserError
        The folder holds something else, or a set made with other settings.
    """
    made = {"version": VERSION, **options.model_dump(exclude=set(Common.model_fields))}
    folder = path or default_folder() / "phantom" / hashlib.sha256(json.dumps(made).encode()).hexdigest()[:16]
    settings = folder / "phantom.json"
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        _write(folder, made, options)
    if not settings.is_file():
        raise UserError("the folder holds something else", f"phantom:{folder}", "name a folder that is not there yet")
    if (there := json.loads(settings.read_text(encoding="utf-8"))) != made:
        raise UserError(f"the folder holds a set made with {there}, not {made}", f"phantom:{folder}", "name another folder, or delete this one")
    common = options.model_dump(include=set(Common.model_fields))
    columns = table.Options(label="fracture", covariates="site,body_part", **(common if options.layout == "table" else {}))
    catalog: Catalog = table.read(folder / "manifest.csv", columns)
    masks = [str(folder.resolve() / mask) if mask else "" for mask in catalog.frame["mask"]]
    catalog = catalog.replace(catalog.frame.assign(mask=masks))
    return catalog if options.layout == "table" else _official(mura.read(folder, Common(**common)), catalog)


def _official(read: Catalog, truth: Catalog) -> Catalog:
    """The catalog of MURA's reader with what is known of each film beside it."""
    films = truth.frame.set_index("image")
    further = films.columns.difference([*read.frame, *truth.targets], sort=False)
    frame = read.frame.assign(site=read.frame["image"].map(films["site"])).join(films[further], on="image")
    return replace(read, frame=frame, covariates=[*read.covariates, "site"])


def _write(folder: Path, made: dict[str, Any], options: Options) -> None:
    """Make the set under another name and move it into place whole; one that another process has put there meanwhile is as good."""
    part = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    odds = options.model_dump(include={"marker", "border", "site", "contrast"})
    try:
        part.mkdir(parents=True)
        films = enrol(options.n, options.seed, options.prevalence, odds)
        write(part, films, options.seed, options.size, options.subtlety, options.layout, options.format)
        (part / "phantom.json").write_text(json.dumps(made), encoding="utf-8")
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
        if not folder.exists():
            part.rename(folder)
    except OSError as fault:
        raise UserError(f"the made-up set cannot be written: {fault.strerror or fault}", str(folder), "name a folder that can be written") from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)
