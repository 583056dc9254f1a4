"""What a finding shows: contact sheets of pictures on a white page, and short tables."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from overread.audit.base import Context

TILE, GAP, MARGIN, LINE = 160, 8, 28, 17
"""Edge of a picture, space between the two of a pair, space between cells, height of a line of words, in pixels."""

PAIRS, SINGLES = 12, 24
"""Most pairs and pictures of a sheet: a page is looked through, not searched."""

INK, FAINT, RULE, GROUND = "#1a1a1a", "#6b6b6b", "#dcdcdc", "#f2f2f2"


class Cell(NamedTuple):
    """Pictures that stand side by side, by their place in the catalog; the words below each, and those below all of them."""

    places: Sequence[int]
    words: Sequence[str]
    caption: str


def pairs(context: Context, name: str, table: pd.DataFrame) -> list[str]:
    """Draw the first pairs of a table side by side on one sheet.

    Parameters
    ----------
    name : of the file, without its suffix
    table : columns `row`, `other`, `caption`

    Returns
    -------
    list of str
        ``evidence/<name>.png``; none where nothing is written, or there is no pair.
    """
    shown = table.head(PAIRS)
    places = [_places(context, shown[side]) for side in ("row", "other")]
    cells = [Cell(both, [_told(context, i) for i in both], caption) for *both, caption in zip(*places, shown["caption"], strict=True)]
    return _drawn(context, name, cells, across=3)


def sheet(context: Context, name: str, rows: Iterable[str], captions: Iterable[str] | None = None) -> list[str]:
    """Draw single pictures by their rows' names, each with a caption; see `pairs`."""
    shown = list(rows)[:SINGLES]
    below = [""] * len(shown) if captions is None else list(captions)[:SINGLES]
    cells = [Cell([i], [_told(context, i)], caption) for i, caption in zip(_places(context, shown), below, strict=True)]
    return _drawn(context, name, cells, across=6)


def table(context: Context, name: str, frame: pd.DataFrame) -> list[str]:
    """Write a table as ``evidence/<name>.csv``, numbers to three decimals; the page shows its first rows. See `pairs`."""
    if context.folder is None or frame.empty:
        return []
    place = context.folder / "evidence"
    place.mkdir(parents=True, exist_ok=True)
    frame.to_csv(place / f"{name}.csv", index=False, float_format="%.3f")
    return [f"evidence/{name}.csv"]


def _places(context: Context, rows: Iterable[str]) -> list[int]:
    return [int(i) for i in pd.Index(context.rows["row"]).get_indexer(list(rows))]


def _told(context: Context, place: int) -> str:
    """A row's name, part and labels."""
    row = context.rows.iloc[place]
    labels = [str(row[target]) for target in context.catalog.targets if pd.notna(row[target])]
    return " · ".join(filter(None, [f"row {row['row']}", row["split"], *labels]))


def _drawn(context: Context, name: str, cells: list[Cell], across: int) -> list[str]:
    if context.folder is None or not cells:
        return []
    place = context.folder / "evidence"
    place.mkdir(parents=True, exist_ok=True)
    page = _page(context, cells, min(across, len(cells)))
    ink = np.asarray(page)
    (page.convert("L") if (ink[..., :1] == ink).all() else page).save(place / f"{name}.png", optimize=True)
    return [f"evidence/{name}.png"]


def _page(context: Context, cells: list[Cell], across: int) -> Image.Image:
    """The cells in rows of `across`, a thin rule between the rows."""
    each = len(cells[0].places)
    wide = each * TILE + (each - 1) * GAP
    captions = [_wrapped(cell.caption, wide) for cell in cells]
    words = [[_wrapped(told, TILE) for told in cell.words] for cell in cells]
    page = Image.new("RGB", (MARGIN + across * (wide + MARGIN), 20_000), "white")
    draw = ImageDraw.Draw(page)
    top = MARGIN
    for line in (range(first, min(first + across, len(cells))) for first in range(0, len(cells), across)):
        if top > MARGIN:
            draw.line([(MARGIN, top), (page.width - MARGIN, top)], fill=RULE)
            top += MARGIN // 2
        told = max(len(lines) for i in line for lines in words[i])
        for column, i in enumerate(line):
            left = MARGIN + column * (wide + MARGIN)
            for number, place in enumerate(cells[i].places):
                x = left + number * (TILE + GAP)
                page.paste(_tile(context, place), (x, top))
                _write(draw, (x, top + TILE + 4), words[i][number], FAINT)
            _write(draw, (left, top + TILE + 6 + told * LINE), captions[i], INK)
        top += TILE + 6 + (told + max(len(captions[i]) for i in line)) * LINE + MARGIN // 2
    return page.crop((0, 0, page.width, top))


def _tile(context: Context, place: int) -> Image.Image:
    """One picture at the size of a tile, without its padding, in the middle of a pale ground."""
    picture = context.picture(place)
    height, width = picture.shape[:2]
    tall, wide = (max(1, round(side * TILE / max(height, width))) for side in (height, width))
    small = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA if tall < height else cv2.INTER_LINEAR)
    tile = Image.new("RGB", (TILE, TILE), GROUND)
    tile.paste(Image.fromarray(small), ((TILE - wide) // 2, (TILE - tall) // 2))
    return tile


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], lines: list[str], ink: str) -> None:
    for number, line in enumerate(lines):
        draw.text((at[0], at[1] + number * LINE), line, fill=ink, font=_font())


def _wrapped(words: str, wide: int) -> list[str]:
    """The words in lines no wider than `wide` pixels; a single word that is wider is cut."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font().getlength(longer) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line if _font().getlength(line) <= wide else _cut(line, wide) for line in lines]


def _cut(line: str, wide: int) -> str:
    """The end of a line that is too wide: names of rows differ in their ends."""
    while line and _font().getlength(f"…{line}") > wide:
        line = line[1:]
    return f"…{line}"


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(13)
