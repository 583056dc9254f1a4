"""A folder tree or zip archive of DICOM files, labelled by folders, by an element of their headers, or by a table.

x/fracture/IM0001                 ?label=folder; files are told by content, whatever they are called
x/study1/series1/IM0001           ?label=BodyPartExamined
x.zip                             ?labels=reports.csv&label=finding&key=accession
"""

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from overread.catalog import Catalog
from overread.datasets.base import Options as Common
from overread.datasets.base import label, reader, text
from overread.datasets.dicom.headers import check, read_headers, snake
from overread.datasets.dicom.ids import hashed, salt
from overread.datasets.dicom.labels import IDS, Kind, by_table
from overread.datasets.folder import by_folder
from overread.datasets.table import declared, typed
from overread.errors import UserError

KEYS = {"PatientID": "patient", "StudyInstanceUID": "study", "SeriesInstanceUID": "series", "InstitutionName": "site"}
"""Elements that say who and where, hashed unless asked otherwise, and their columns."""


class Options(Common):
    """Where labels come from, which frames are rows, and what is taken over from the headers."""

    label: str | None = None
    """`folder`, the keyword of a DICOM element, or, beside `labels`, that table's column."""
    labels: str | None = None
    """A table of labels; `key` is its column that says which images a row is about."""
    key: str | None = None
    on: Kind | None = None
    """What the key is; not given: whatever most images match."""
    frames: Annotated[str, Field(pattern=r"^(each|first|middle|[1-9]\d{0,5})$")] | None = None
    """Which frames of a multi-frame file are rows; not given: such a file is rejected."""
    ids: Literal["hashed", "plain"] = "hashed"
    covariates: str | None = None
    """Columns, with commas between, that subgroup tables and the covariate baseline may use."""
    tags: str | None = None
    """Keywords of further elements, with commas between, that are carried as they stand."""

    @model_validator(mode="after")
    def labels_have_a_key(self) -> "Options":
        if (self.labels is None) != (self.key is None) or (self.on and not self.key):
            raise ValueError("labels=TABLE and key=COLUMN go together, and on=KIND with them")
        return self


@reader("dicom")
def read(path: Path, options: Options) -> Catalog:
    """Read a folder or zip archive of DICOM files by their headers.

    Anything that is DICOM by content, or says so by its extension, is a row; what holds no picture is rejected when it is read.
    Directories (DICOMDIR) and everything that is not DICOM are left out.

    Returns
    -------
    Catalog
        One row a file, or a frame; the target is named `label`, or by its element or column in small letters. `patient`, `study`, `series`
        and `site` (the institution) are hashed, `split` is told where folders of a split hold folders of classes, and what headers say
        of view and exposure (`headers.describe`) is carried.

    Raises
    ------
    UserError
        No such folder or archive, no DICOM in it, no header that can be read, or labels that are not there.
    """
    where = f"dicom:{path}"
    if options.label is None:
        raise UserError(
            "what the label is is not said", where, "add ?label=folder, ?label=KEYWORD of DICOM, or ?labels=TABLE&label=COLUMN&key=COLUMN"
        )
    further = [check(keyword.strip(), f"{where}, tags") for keyword in (options.tags or "").split(",") if keyword.strip()]
    element = [check(options.label, f"{where}, label")] if options.labels is None and options.label != "folder" else []
    told = read_headers(path, {*KEYS, *IDS, *further, *element}, where)
    frame = told[[name for name in map(str, told) if name.islower()]].assign(**{snake(keyword): typed(told[keyword]) for keyword in further})
    who = told[list(KEYS)].rename(columns=KEYS)
    frame = frame.join(who if options.ids == "plain" else hashed(who, salt()))
    column = "label" if options.label == "folder" else snake(options.label)
    if options.labels is not None:
        frame[column] = by_table(Path(options.labels).expanduser(), options.label, str(options.key), options.on, told, where)
    elif element:
        frame[column] = text(told[options.label])
    else:
        frame = frame.join(by_folder(frame["image"], str(path)))
    catalog = label(_framed(frame, options.frames), column, options, f"{where}, label {options.label}")
    available = catalog.frame.drop(columns=["row", "file", "source", *catalog.targets])
    roles = {name: "study" if name == "series" else name for name in map(str, available)}
    return Catalog(catalog.frame, catalog.targets, declared(options.covariates, available, roles, where), catalog.source)


def _framed(frame: pd.DataFrame, chosen: str | None) -> pd.DataFrame:
    """The rows with frames of multi-frame files named, one row a frame if each is asked for."""
    count = frame.pop("frames")
    if chosen is None:
        return frame
    numbers = count.map(lambda n: list(range(1, n + 1)) if chosen == "each" else [{"first": 1, "middle": (n + 1) // 2}.get(chosen) or int(chosen)])
    frame = frame.assign(number=numbers.where(count > 1)).explode("number", ignore_index=True)
    named = frame.pop("number").map(lambda number: f"#frame={number}", na_action="ignore").fillna("")
    return frame.assign(image=frame["image"] + named, file=frame["file"] + named)
