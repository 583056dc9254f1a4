"""Writing a set: every film drawn and stored in the format asked for, its mask, the planted faults, and the tables that list them."""

from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.datasets.phantom import dicom
from overread.datasets.phantom.anatomy import REGIONS
from overread.datasets.phantom.body import Body, body
from overread.datasets.phantom.detector import SCANNERS
from overread.datasets.phantom.film import Film, Setting, film
from overread.datasets.phantom.seam import complaint, fracture, lookalikes
from overread.imaging.window import window

Format = Literal["png", "png16", "dicom"]
Layout = Literal["table", "mura"]

Row = dict[Hashable, Any]
"""A row of the cohort."""

COPIES = 3
VALID = 5
"""One patient in so many is in the validation part of the MURA layout."""

SMALLEST, COLOUR = 0.6, 0.3
"""Of the MURA layout: a film's longer edge at least, as a share of `size`, and the share of 8-bit films stored as three equal channels."""


def write(folder: Path, cohort: pd.DataFrame, seed: int, size: int, subtlety: float, layout: Layout, format: Format) -> None:
    """Draw a cohort's films and store them with their truth.

    Parameters
    ----------
    folder : empty; gets `manifest.csv`, `masks/`, and `images/` or `MURA-v1.1/`
    cohort : see `cohort.enrol`
    """
    rows = cohort.to_dict("records")
    names = _names(cohort, layout, "dcm" if format == "dicom" else "png")
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        edge, colour = _mixed(size, np.random.default_rng([seed, 5, number])) if layout == "mura" else (size, False)
        taken = take(row, seed, number, edge, subtlety)
        _keep(folder / name, _encoded(taken, format, row, seed, number, colour))
        if taken.mask.any():
            row["mask"] = f"masks/{number:05d}.png"
            _keep(folder / row["mask"], _png(np.where(taken.mask, 255, 0).astype(np.uint8)))
        row |= {"image": name, **_lead(taken)}
    listed = pd.DataFrame([*rows, *_faults(folder, rows, layout, np.random.default_rng([seed, 1]))]).drop(columns="marked")
    first = ["image", "fracture", "patient", "study", "site"]
    listed[[*first, *listed.columns.difference(first, sort=False)]].to_csv(folder / "manifest.csv", index=False)
    if layout == "mura":
        _official(folder, listed)


def take(row: Row, seed: int, number: int, size: int, subtlety: float) -> Film:
    """The film of one row: the body is drawn from its patient, the fracture from its study, the rest from its number."""
    patient, study = int(row["patient"][1:]), int(row["study"][-1])
    own, region = _patient(seed, patient), REGIONS[row["body_part"]]
    draw = np.random.default_rng([seed, 3, patient, study])
    place, seams = complaint(region, draw), lookalikes(own, region, draw)
    broken = fracture(place, row["kind"], subtlety, draw) if row["kind"] else None
    setting = Setting(
        region=row["body_part"],
        view=row["view"],
        laterality=row["laterality"],
        scanner=SCANNERS[row["scanner"]],
        marker=row["marked"] == "yes",
        border=row["border"] == "yes",
        contrast=row["contrast"],
    )
    return film(own, place, broken, seams, setting, size, np.random.default_rng([seed, 4, number]))


def _mixed(size: int, draw: np.random.Generator) -> tuple[int, bool]:
    """Longer edge of one film, odd or even, and whether it is stored in colour."""
    return int(draw.integers(round(SMALLEST * size), size + 1)), bool(draw.random() < COLOUR)


@lru_cache(maxsize=1)
def _patient(seed: int, number: int) -> Body:
    """A patient's body, kept for the next film."""
    return body(np.random.default_rng([seed, 2, number]))


def _names(cohort: pd.DataFrame, layout: Layout, ending: str) -> list[str]:
    """Where each film is stored, from the folder."""
    if layout == "table":
        return [f"images/{number:05d}.{ending}" for number in range(len(cohort))]
    study = [_study(row) for row in cohort.to_dict("records")]
    order = pd.Series(study).groupby(study).cumcount() + 1
    return [f"{path}image{number}.{ending}" for path, number in zip(study, order, strict=True)]


def _study(row: Row) -> str:
    """A study's folder as MURA names it."""
    patient, outcome = int(row["patient"][1:]), "positive" if row["kind"] else "negative"
    part = "valid" if patient % VALID == VALID - 1 else "train"
    return f"MURA-v1.1/{part}/XR_{row['body_part'].upper()}/patient{patient + 1:05d}/study{row['study'][-1]}_{outcome}/"


def _official(folder: Path, listed: pd.DataFrame) -> None:
    """The four tables that MURA comes with."""
    for part, films in listed.groupby(listed["image"].str.split("/").str[1]):
        films["image"].to_csv(folder / "MURA-v1.1" / f"{part}_image_paths.csv", index=False, header=False)
        studies = pd.Series((films["image"].str.rpartition("/")[0] + "/").unique())
        labels = pd.DataFrame({"study": studies, "label": studies.str.endswith("positive/").astype(int)})
        labels.to_csv(folder / "MURA-v1.1" / f"{part}_labeled_studies.csv", index=False, header=False)


def _faults(folder: Path, rows: list[Row], layout: Layout, draw: np.random.Generator) -> list[Row]:
    """Rows of the planted faults, each made from a sound one and filed under another patient."""
    faults = []
    next_patient = 1 + max(int(row["patient"][1:]) for row in rows)
    for number, chosen in enumerate(draw.choice(len(rows), COPIES + 2, replace=False)):
        sound, patient = rows[chosen], f"p{next_patient + number:05d}"
        fault = {**sound, "patient": patient, "study": f"{patient}-s1"}
        whole, ending = (folder / sound["image"]).read_bytes(), Path(sound["image"]).suffix
        word = f"again-{number}" if number < COPIES else ("cut-off", "letter")[number - COPIES]
        fault["image"] = f"images/{word}{ending}" if layout == "table" else f"{_study(fault)}image1{ending}"
        stored = whole if number < COPIES else (whole[: len(whole) // 2], b"This is a letter, not a film.\n")[number - COPIES]
        _keep(folder / fault["image"], stored)
        faults.append(fault)
    return faults


def _lead(taken: Film) -> Row:
    """What is known of the letter on a film."""
    if taken.marker is None:
        return {"marker": "", "marker_box": "", "marker_angle": "", "marker_mirrored": ""}
    marker = taken.marker
    return {
        "marker": marker.letter,
        "marker_box": " ".join(map(str, marker.box)),
        "marker_angle": marker.angle,
        "marker_mirrored": "yes" if marker.mirrored else "no",
    }


def _encoded(taken: Film, format: Format, row: Row, seed: int, number: int, colour: bool) -> bytes:
    """A film as a file; 8 bits are what an archive exports: the percentile window."""
    if format == "dicom":
        return dicom.encode(taken.pixels, taken.spacing, row, seed, number)
    grey = taken.pixels if format == "png16" else window(taken.pixels)
    return _png(np.stack([grey] * 3, axis=-1) if colour and format == "png" else grey)


def _png(values: NDArray[np.integer[Any]]) -> bytes:
    """A PNG of 8 or 16 bits, grey or of three channels."""
    whole, data = cv2.imencode(".png", values)
    assert whole
    return data.tobytes()


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
