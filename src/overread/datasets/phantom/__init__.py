"""Made-up radiographs of broken and whole bones, written once to a folder: for a first try, and for tests whose truth is known.

x/phantom.json      how it was made
x/manifest.csv      image, fracture, patient, study, site
x/images/0000.png   ...
"""

import json
import shutil
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import numpy as np
import pandas as pd
from PIL import Image
from pydantic import Field

from overread.catalog import Catalog
from overread.datasets import table
from overread.datasets.base import Options as Common
from overread.datasets.base import reader
from overread.datasets.phantom.draw import SITES, Bone, film
from overread.errors import UserError

VERSION = 1
"""Raise it whenever the same settings draw another set."""

COPIES = 3


class Options(Common):
    """How many films, how large, and which draw."""

    n: Annotated[int, Field(ge=20, le=100_000)] = 480
    size: Annotated[int, Field(ge=32, le=2048)] = 128
    seed: Annotated[int, Field(ge=0)] = 0


@reader("phantom")
def read(path: Path, options: Options) -> Catalog:
    """Read a made-up set, after writing it if the folder is not there.

    Half of the patients have a fracture; each has one to three films in one or two studies, all from one of three sites that expose
    differently, whatever the label. Planted faults: three films filed again under another patient, one film cut off and one text
    file named .png. So there are n + 5 rows.

    Returns
    -------
    Catalog
        Target `fracture` (binary: no fracture, fracture); `patient`, `study`, `site`; covariate `site`.

    Raises
    ------
    UserError
        The folder holds something else, or a set made with other settings.
    """
    made = {"version": VERSION, **options.model_dump(include={"n", "size", "seed"})}
    settings = path / "phantom.json"
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        _write(path, made, options)
    if not settings.is_file():
        raise UserError("the folder holds something else", f"phantom:{path}", "name a folder that is not there yet")
    if (there := json.loads(settings.read_text(encoding="utf-8"))) != made:
        raise UserError(f"the folder holds a set made with {there}, not {made}", f"phantom:{path}", "name another folder, or delete this one")
    columns = table.Options(label="fracture", covariates="site", **options.model_dump(include=set(Common.model_fields)))
    catalog: Catalog = table.read(path / "manifest.csv", columns)
    return catalog


def _write(path: Path, made: dict[str, int], options: Options) -> None:
    """Make the set under another name and move it into place whole."""
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        (part / "images").mkdir(parents=True)
        _films(part, options).to_csv(part / "manifest.csv", index=False)
        (part / "phantom.json").write_text(json.dumps(made), encoding="utf-8")
        if path.exists():
            path.rmdir()
        part.rename(path)
    except OSError as fault:
        raise UserError(f"the made-up set cannot be written: {fault.strerror or fault}", str(path), "name a folder that can be written") from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _films(folder: Path, options: Options) -> pd.DataFrame:
    """Draw and store the films and the planted faults; returns the manifest."""
    draw = np.random.default_rng(options.seed)
    rows: list[dict[str, str]] = []
    patient = 0
    while len(rows) < options.n:
        bone, broken, site = Bone.drawn(draw), bool(patient % 2), str(draw.choice(list(SITES)))
        for view in range(min(int(draw.integers(1, 4)), options.n - len(rows))):
            row = {"image": f"images/{len(rows):04d}.png", "fracture": "fracture" if broken else "no fracture", "site": site}
            Image.fromarray(film(bone, broken, site, options.size, draw)).save(folder / row["image"])
            rows.append({**row, "patient": f"p{patient:04d}", "study": f"p{patient:04d}-s{view // 2 + 1}"})
        patient += 1
    return pd.DataFrame([*rows, *_faults(folder, rows, draw)])


def _faults(folder: Path, rows: list[dict[str, str]], draw: np.random.Generator) -> list[dict[str, str]]:
    """Rows of the planted faults, each made from a sound one and filed under another patient."""
    sound = [rows[number] for number in draw.choice(len(rows), COPIES + 2, replace=False)]
    names = [*(f"images/again-{number}.png" for number in range(COPIES)), "images/cut-off.png", "images/letter.png"]
    for row, name in zip(sound[:COPIES], names[:COPIES], strict=True):
        shutil.copy(folder / row["image"], folder / name)
    whole = (folder / sound[COPIES]["image"]).read_bytes()
    (folder / names[COPIES]).write_bytes(whole[: len(whole) // 2])
    (folder / names[COPIES + 1]).write_text("This is a letter, not a film.\n", encoding="utf-8")
    filed = [{"image": name, "patient": f"q{number}", "study": f"q{number}-s1"} for number, name in enumerate(names)]
    return [{**row, **other} for row, other in zip(sound, filed, strict=True)]
