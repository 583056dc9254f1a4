import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from overread.catalog import Catalog
from overread.errors import UserError
from overread.imaging import scan as scanning
from overread.imaging.cache import Cache
from overread.imaging.dicom.view import View
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan

FITTING = Fitting(32)


def test_copies_share_hashes_and_another_format_shares_pixels_only(store, listed, grey, tmp_path):
    film, twin, other = store(grey, "a.png"), store(grey, "b.bmp"), store(255 - grey, "c.png")
    copy = shutil.copy(film, tmp_path / "copy.png")
    frame = scan(listed([film, copy, twin, other]), FITTING, Cache(), 2)[0].frame
    assert frame["bytes_sha"].nunique() == 3
    assert frame["pixel_sha"].tolist()[:3] == [frame["pixel_sha"][0]] * 3
    assert frame["pixel_sha"][3] != frame["pixel_sha"][0]
    assert frame["fact:width"].dtype == "int64"
    assert frame["fact:extension"].tolist() == ["png", "png", "bmp", "png"]


def test_what_cannot_be_read_is_listed_with_its_reason_and_leaves(store, listed, grey, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    files = [store(grey, "a.png"), str(tmp_path / "text.png"), str(tmp_path / "gone.png"), ""]
    catalog, rejected = scan(listed(files), FITTING, Cache(), 2)
    assert catalog.frame["row"].tolist() == ["0"]
    assert rejected.columns.tolist() == ["row", "image", "reason"]
    assert rejected["row"].tolist() == ["1", "2", "3"]
    assert rejected["reason"].tolist()[1:] == ["the file is missing", "no file is named"]


def test_where_all_can_be_read_nothing_is_rejected(store, listed, grey):
    catalog, rejected = scan(listed([store(grey, "a.png"), store(255 - grey, "b.png")]), FITTING, Cache(), 2)
    assert (len(catalog), len(rejected)) == (2, 0)


def test_a_catalog_of_which_nothing_can_be_read_is_an_error(listed, tmp_path):
    with pytest.raises(UserError, match="the image cannot be read"):
        scan(listed([str(tmp_path / "gone.png")]), FITTING, Cache(), 1)


def test_a_second_scan_decodes_nothing_and_gives_the_same(store, listed, grey, colour, monkeypatch):
    catalog = listed([store(grey, "a.png"), store(colour, "b.tif", compression="tiff_lzw")])
    first = scan(catalog, FITTING, Cache(), 2)[0].frame

    def refuse(*_: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(scanning, "decode", refuse)
    pd.testing.assert_frame_equal(scan(catalog, FITTING, Cache(), 2)[0].frame, first)
    with pytest.raises(AssertionError, match="decoded again"):
        scan(catalog, Fitting(16), Cache(), 2)


def test_a_scanned_catalog_may_be_scanned_again_and_saved(store, listed, grey, tmp_path):
    catalog = scan(listed([store(grey, "a.png")]), FITTING, Cache(), 1)[0]
    again = scan(catalog, Fitting(16), Cache(), 1)[0]
    again.save(tmp_path / "catalog.parquet")
    pd.testing.assert_frame_equal(Catalog.load(tmp_path / "catalog.parquet").frame, catalog.frame)


def test_pictures_come_from_the_cache_or_are_made_again(store, listed, colour):
    cache = Cache()
    catalog, _ = scan(listed([store(colour, "a.png"), store(255 - colour, "b.png")]), FITTING, cache, 1)
    pictures = Pictures(catalog.frame, FITTING, cache)
    assert len(pictures) == 2
    assert np.array_equal(pictures[1], FITTING.apply(255 - colour))
    for entry in cache.folder.rglob("*.letterbox-32"):
        entry.write_bytes(entry.read_bytes()[:99])
    assert np.array_equal(pictures[-1], FITTING.apply(255 - colour))
    assert len(list(pictures)) == len(pictures[:]) == 2
    with pytest.raises(IndexError):
        pictures[2]


def test_a_file_that_changed_since_the_scan_is_named_by_its_row(store, listed, grey):
    catalog, _ = scan(listed([store(grey, "patient 7.png")]), FITTING, Cache(), 1)
    store(255 - grey, "patient 7.png")
    with pytest.raises(UserError, match="row 0") as fault:
        Pictures(catalog.frame, Fitting(16), Cache())[0]
    assert "patient" not in str(fault.value)


@pytest.mark.data
@pytest.mark.skipif("OVERREAD_DATA" not in os.environ, reason="OVERREAD_DATA is not set")
def test_the_twelve_cut_off_radiographs_are_rejected_and_the_oddities_read(listed):
    root = Path(os.environ["OVERREAD_DATA"]) / "fracture_multiregion"
    cut, odd = (sorted(str(path) for path in (root / name).iterdir()) for name in ("truncated", "oddities_original_bytes"))
    catalog, rejected = scan(listed(cut + odd), FITTING, Cache(), 2)
    assert (len(cut), len(rejected)) == (12, 12)
    assert set(rejected["reason"]) == {"the file is cut off"}
    assert catalog.frame["fact:format"].value_counts().to_dict()["GIF"] == 1


def test_a_dicom_file_seen_in_two_ways_is_two_pictures_and_two_pixel_hashes(tmp_path, listed, dicom):
    (tmp_path / "film").write_bytes(dicom(np.arange(256, dtype=np.uint8).reshape(16, 16), PhotometricInterpretation="MONOCHROME1"))
    catalog, cache = listed([str(tmp_path / "film")]), Cache()
    views = [FITTING, Fitting(32, view=View(invert=False))]
    for _ in range(2):
        first, second = (scan(catalog, fitting, cache, 1)[0].frame for fitting in views)
        assert first["bytes_sha"][0] == second["bytes_sha"][0]
        assert first["pixel_sha"][0] != second["pixel_sha"][0]
    inverted, plain = (Pictures(first, fitting, cache)[0] for fitting in views)
    assert np.array_equal(inverted, 255 - plain)
    assert first[["fact:mode", "fact:format", "fact:extension"]].iloc[0].tolist() == ["MONOCHROME1 8/8", "DICOM", ""]
