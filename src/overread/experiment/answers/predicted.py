"""What is said of the studies or patients that unlabelled images make up: pooled, calibrated and decided as the run's own were."""

from dataclasses import dataclass

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.folder import PAPERS
from overread.evaluation.units import Unit
from overread.experiment.answers.reading import Reading
from overread.findings import Effect, Finding, Severity
from overread.imaging.place import place
from overread.partition.copies import known_pixels
from overread.report.show import counted, plural


@dataclass(frozen=True)
class Predicted:
    """Predictions of units.

    Attributes
    ----------
    names : (n,) str, by row: the unit of every file; blank where nothing is known of one that cannot be read
    judged : a row a unit, in the order of their first files: the unit's name, `row` (of its first image), `images` (that were pooled), `copies`
        (left out, as their pixels repeat another's), `unreadable` (left out), ``raw:T:C``, ``p:T:C``, ``decision:T``, of a cascade ``route`` and
        ``abstained:T``, and `reason` where no image of it could be read
    findings : what a reader of the table should know
    """

    names: pd.Series
    judged: pd.DataFrame
    findings: list[Finding]


def predict_units(raw: pd.DataFrame, given: Catalog, found: Catalog, names: pd.Series, reading: Reading) -> Predicted:
    """Put the answers on images together.

    Parameters
    ----------
    raw : `row` and ``raw:T:C`` of every image that was read, and what else the learner says
    given, found : all files, and those that were read
    names : of `belonging`, indexed like `given.frame`; an image without a name is a unit of its own, named by its path
    reading : of a run whose unit is not the image

    Notes
    -----
    Images of a unit are taken in the order of their paths, so that nothing depends on the order in which they are named.
    """
    unit, frame = reading.unit, given.frame
    read = frame["row"].isin(found.frame["row"])
    paper = ~read & frame["image"].map(lambda image: bool(PAPERS.fullmatch(place(image).member or image)))
    own = read & (names == "")
    named = names.mask(paper, "").where(~own, frame["image"]).set_axis(frame["row"])
    rows = found.frame.sort_values("file", ignore_index=True)
    rows = rows.assign(patient="", study="", component="").assign(**{unit: rows["row"].map(named)})
    once = rows[~pd.DataFrame({"unit": rows[unit], "pixels": known_pixels(rows)}).duplicated()]
    unknown = {f"truth:{name}": pd.Series(pd.NA, index=raw.index, dtype="str") for name in found.targets}
    units = reading.judge(raw[raw["row"].isin(once["row"])].assign(**unknown), found.replace(rows)).cases
    units = units.drop(columns=list(unknown)).assign(**{unit: units["row"].map(named)})

    files = pd.DataFrame({unit: named.to_numpy(), "row": frame["row"], "read": read})[named.to_numpy() != ""]
    told = files.groupby(unit, sort=False).agg(first=("row", "first"), files=("row", "size"), read=("read", "sum")).reset_index()
    told = told.assign(unreadable=told["files"] - told["read"]).merge(units, on=unit, how="left")
    judged = told.assign(
        row=told["row"].fillna(told["first"]),
        images=told["images"].fillna(0).astype(int),
        copies=told["read"] - told["images"].fillna(0).astype(int),
        reason=told["files"].map(lambda n: f"none of its {counted(n, 'image')} can be read").where(told["read"] == 0),
    )
    lost = int((~read & ~paper & (named.to_numpy() == "")).sum())
    return Predicted(
        named, judged.drop(columns=["first", "files", "read"]), [*_alone(int(own.sum()), int(read.sum()), unit), *_lacking(judged, lost, unit)]
    )


def not_named(unit: Unit) -> Finding:
    """That a run whose cases are units decides these images one by one, as none names its unit."""
    told = f"No image here names its {unit}: each is decided by itself, with the calibration and threshold of single images."
    mend = f"The run's figures are of {plural(unit)}. If the images of one folder are one {unit}, say so: --by-folder."
    return Finding("unit", "data", Severity.LOW, False, told, remedy=mend)


def _alone(own: int, read: int, unit: Unit) -> list[Finding]:
    if not own:
        return []
    told = f"{own:,} of {counted(read, 'image')} {'names' if own == 1 else 'name'} no {unit}: each counts as a {unit} of its own."
    effect = Effect(f"share of images that name no {unit}", own / read, n=read)
    return [Finding("unit-key", "data", Severity.LOW, False, told, effect)]


def _lacking(judged: pd.DataFrame, lost: int, unit: Unit) -> list[Finding]:
    """That some units were judged by fewer images than they have, or may have."""
    short = (judged["unreadable"] > 0) & (judged["images"] > 0)
    told = []
    if short.any():
        lacks = "lacks an image" if short.sum() == 1 else "lack images"
        told.append(f"{short.sum():,} of {counted(len(judged), unit)} {lacks} that could not be read, and what is said of them rests on the others.")
    if lost:
        told.append(f"{counted(lost, 'file')} that could not be read {'names' if lost == 1 else 'name'} no {unit}, and may belong to any.")
    if not told:
        return []
    effect = Effect(f"share of {plural(unit)} that lack images", float(short.mean()), n=len(judged))
    return [Finding("unit-incomplete", "data", Severity.LOW, False, " ".join(told), effect, remedy="Fetch those files again.")]
