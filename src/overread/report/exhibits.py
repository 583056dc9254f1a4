"""Findings ready to print: each with its number drawn, its pictures, its tables and what to do about it."""

import io
import re
import shlex
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from markupsafe import Markup, escape
from PIL import Image

from overread.audit.evidence import MARGIN, TILE
from overread.findings import Finding
from overread.report.pictures import strip
from overread.report.show import counts

LARGEST = 12_000_000
"""Letters that the pictures of one page may take: a page must open anywhere and go through the post."""

ROWS = 30
"""Rows of a table of evidence that are shown; the file holds all."""

NAMING = ("image", "file", "path", "patient", "study")
"""Columns that name a file or a person; no page shows them."""

CODE = re.compile(r"`([^`]+)`")

WHOLE = {"overread split": "overread split SOURCE --out split.csv"}
"""A verb that is only named, as it would be typed."""


@dataclass(frozen=True)
class Table:
    """Evidence as a table; `more` rows are only in the file `name`."""

    name: str
    columns: list[str]
    numeric: set[str]
    rows: list[list[str]]
    more: int


@dataclass(frozen=True)
class Exhibit:
    """One finding and what stands beside it.

    Attributes
    ----------
    anchor : where it stands on the page
    above : the anchor of a finding before it that shows some of its evidence; blank where none does
    pictures : title to data URI
    glimpse : the first row of the picture that its evidence begins with, as a data URI; None where it begins with none
    left : names of pictures that the page has no room for
    """

    finding: Finding
    anchor: str
    above: str
    pictures: dict[str, str]
    glimpse: str | None
    left: list[str]
    tables: list[Table]
    remedy: Markup

    @property
    def drawn(self) -> Markup:
        """The effect on a line from 0 to 1; nothing where it is neither a share nor a score."""
        effect = self.finding.effect
        if effect is None or counts(effect.name) or not 0 <= effect.value <= 1:
            return Markup("")
        known = {"value": effect.value, "low": effect.low, "high": effect.high}
        return strip(known, "auroc" if "auroc" in effect.name.lower() else "", 300, (0.0, 1.0))

    @property
    def ends(self) -> tuple[str, str]:
        """What the two ends of that line are."""
        return ("0%", "100%") if self.finding.effect and "share" in self.finding.effect.name else ("0", "1")


def exhibits(folder: Path, findings: Iterable[Finding], source: str) -> list[Exhibit]:
    """The findings in their order, each with the evidence of the folder that the page has room for and no finding before it has shown.

    Parameters
    ----------
    folder : what an audit wrote
    findings : the gravest first: it is the first whose pictures find room
    source : what stands for `SOURCE` in a command
    """
    shown: list[Exhibit] = []
    first: dict[str, str] = {}
    room = LARGEST
    for number, finding in enumerate(findings, start=1):
        anchor = f"finding-{number}"
        above = next((first[name] for name in finding.evidence if name in first), "")
        files = {name: file for name in finding.evidence if name not in first and (file := _inside(folder, name))}
        first |= dict.fromkeys(files, anchor)
        pictures = {name: _uri(Image.open(file)) for name, file in files.items() if file.suffix == ".png"}
        fitting = {name: uri for name, uri in pictures.items() if len(uri) <= room}
        room -= sum(map(len, fitting.values()))
        shown.append(
            Exhibit(
                finding,
                anchor=anchor,
                above=above,
                pictures={Path(name).stem.replace("-", " "): uri for name, uri in fitting.items()},
                glimpse=next((_glimpse(files[name]) for name in finding.evidence[:1] if name in fitting), None),
                left=[name for name in pictures if name not in fitting],
                tables=[_table(name, file) for name, file in files.items() if file.suffix == ".csv"],
                remedy=in_code(finding.remedy, source),
            )
        )
    return shown


def commands(findings: Iterable[Finding], source: str) -> list[str]:
    """What can be typed against what was raised, the gravest finding's first, each once."""
    told = [_typed(code, source) for finding in findings for code in CODE.findall(finding.remedy)]
    return [command for command in dict.fromkeys(told) if command.startswith("overread ")]


def in_code(text: str, source: str) -> Markup:
    """A sentence whose parts between backticks are set as code, the source named in them."""
    return Markup("").join(
        Markup("<code>{}</code>").format(_typed(part, source)) if i % 2 else escape(part) for i, part in enumerate(CODE.split(text))
    )


def _typed(code: str, source: str) -> str:
    return WHOLE.get(code, code).replace("SOURCE", shlex.quote(source))


def _inside(folder: Path, name: str) -> Path | None:
    """A file of the folder; None where it is absent or lies outside."""
    file = (folder / name).resolve()
    return file if file.is_file() and file.is_relative_to(folder.resolve()) else None


def _uri(picture: Image.Image) -> str:
    """A picture as a data URI, a fifth of the size it has as PNG; the folder holds it as it was drawn."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=85)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode('ascii')}"


def _glimpse(file: Path) -> str:
    """The first row of pictures of a contact sheet."""
    with Image.open(file) as sheet:
        return _uri(sheet.crop((MARGIN, MARGIN, sheet.width - MARGIN, min(MARGIN + TILE, sheet.height))))


def _table(name: str, file: Path) -> Table:
    content = pd.read_csv(file, dtype=str, keep_default_na=False)
    content = content.drop(columns=[column for column in content if column in NAMING])
    numbers = content.apply(pd.to_numeric, errors="coerce").notna() | (content == "")
    numeric = {str(column) for column in content.columns[1:] if numbers[column].all() and column not in ("row", "other", "component", "label")}
    return Table(name, list(map(str, content)), numeric, content.head(ROWS).to_numpy().tolist(), max(0, len(content) - ROWS))
