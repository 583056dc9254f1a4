"""Sheets are white pages with legible pictures and words; tables are short; nothing is written where there is no folder."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.audit.base import Context
from overread.audit.evidence import PAIRS, TILE, pairs, sheet, table

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


@pytest.fixture
def few(context: Make, film: Film) -> Context:
    """Four pictures, one of them in colour, one wide."""
    return context([film(0), np.full((30, 60), 200, np.uint8), np.full((40, 40, 3), (200, 30, 30), np.uint8), film(1)], ["well", "sick"] * 2)


def seen(context: Context, files: list[str]) -> Image.Image:
    """The one sheet that was drawn."""
    (file,) = files
    with Image.open(context.folder / file) as page:
        return page.copy()


def test_pairs_stand_side_by_side_on_white_at_their_own_shape(few: Context) -> None:
    files = pairs(few, "pairs", pd.DataFrame({"row": ["0", "1"], "other": ["3", "2"], "caption": ["turned by 90°", "byte-identical"]}))
    page = np.asarray(seen(few, files).convert("RGB"))

    assert files == ["evidence/pairs.png"]
    assert (page[[0, -1]] == 255).all() and (page[:, [0, -1]] == 255).all()
    assert page.shape[1] > 4 * TILE and page.shape[0] > TILE + 30
    assert (page == (200, 30, 30)).all(axis=2).sum() == TILE * TILE
    assert (page == (200, 200, 200)).all(axis=2).sum() == pytest.approx(TILE * TILE // 2, abs=50)
    assert (page[TILE + 30 :] < 100).any(), "no words below the pictures"


def test_a_sheet_of_grey_pictures_is_grey_and_says_the_row_and_the_label(few: Context) -> None:
    assert seen(few, sheet(few, "grey", ["0", "3"], ["dark", "light"])).mode == "L"


def test_no_more_is_drawn_than_a_page_holds_and_a_table_is_whole(few: Context) -> None:
    many = pd.DataFrame({"row": ["0"] * 50, "other": ["3"] * 50, "caption": "copy"})
    drawn, twelve = seen(few, pairs(few, "many", many)), seen(few, pairs(few, "twelve", many.head(PAIRS)))

    assert drawn.tobytes() == twelve.tobytes()
    assert len(pd.read_csv(few.folder / table(few, "rows", many)[0])) == 50


def test_long_names_and_captions_stay_inside_their_cell(few: Context) -> None:
    long = few.catalog.frame.assign(row=["x" * 300, "1", "2", "3"])
    named = replace(few, catalog=few.catalog.replace(long))

    assert seen(named, sheet(named, "long", ["x" * 300], ["word " * 60])).width < 2 * TILE


def test_without_a_folder_or_a_picture_nothing_is_written(few: Context) -> None:
    silent = replace(few, folder=None)
    pair = pd.DataFrame({"row": ["0"], "other": ["1"], "caption": ["copy"]})

    assert pairs(silent, "a", pair) == sheet(silent, "a", ["0"]) == table(silent, "a", pair) == []
    assert pairs(few, "none", pair.head(0)) == table(few, "none", pair.head(0)) == [] and not (few.folder / "evidence").exists()
