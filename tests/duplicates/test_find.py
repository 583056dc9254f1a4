import os

import cv2
import numpy as np
import pandas as pd
import pytest

from overread.datasets.base import read
from overread.duplicates.describe import describe_all
from overread.duplicates.find import find
from overread.duplicates.links import COLUMNS
from overread.experiment.rows.gather import scan_all
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.recipe import Runtime


@pytest.fixture
def sought(scanned):
    """The links among pictures, written as files of a table in their order."""

    def seek(pictures):
        catalog = scanned(pictures)
        return find(catalog, Pictures(catalog.frame, Fitting(224), Cache()), 1)

    return seek


def test_every_change_is_found_and_joins_no_stranger(anatomy, change, sought):
    films = [anatomy(seed) for seed in range(6)]

    links = sought([*films, change(films[2])])

    assert [tuple(pair) for pair in links[["row", "other"]].to_numpy()] == [("2", "6")]


def test_strangers_on_one_machine_s_screen_are_not_linked_and_their_copies_are(anatomy, on_screen, sought):
    shown = [on_screen(anatomy(seed)) for seed in range(24)]
    turned = cv2.warpAffine(shown[3], cv2.getRotationMatrix2D((240, 180), 20, 1), (480, 360))

    links = sought([*shown, turned, np.ascontiguousarray(shown[2][:, ::-1])])

    assert [tuple(pair) for pair in links[["row", "other"]].to_numpy()] == [("2", "25"), ("3", "24")]


def test_the_order_of_rows_changes_no_link(anatomy, sought):
    films = [*(anatomy(seed) for seed in range(20)), *(np.rot90(anatomy(seed)).copy() for seed in range(8))]
    order = np.random.default_rng(0).permutation(len(films))

    there, back = sought(films), sought([films[i] for i in order])

    assert {frozenset(pair) for pair in there[["row", "other"]].astype(int).to_numpy().tolist()} == {
        frozenset(order[pair].tolist()) for pair in back[["row", "other"]].astype(int).to_numpy()
    }


def test_the_evidence_of_a_link_is_kept(anatomy, sought):
    film = anatomy(0)
    links = sought([film, anatomy(1), np.rot90(255 - film[:, ::-1]).copy()])

    entry = links.iloc[0]
    assert list(links.columns) == list(COLUMNS)
    assert entry["mirrored"] and entry["inverted"]
    assert abs(entry["angle"]) == pytest.approx(90, abs=1)
    assert entry["correlation"] > 0.9 and entry["overlap"] > 0.8 and entry["inliers"] > 50


def test_films_of_different_people_are_not_linked(anatomy, sought):
    assert sought([anatomy(seed) for seed in range(12)]).empty


def test_identical_pixels_are_one_picture_and_need_no_link(anatomy, sought):
    assert sought([anatomy(0), anatomy(0), anatomy(1)]).empty


def test_one_picture_and_pictures_of_one_grey_are_no_fault(anatomy, sought):
    assert sought([anatomy(0), anatomy(0)]).empty
    assert sought([np.full((40, 40), level, np.uint8) for level in (10, 20, 30)]).empty


def test_what_was_found_once_is_not_sought_again_and_a_further_file_is(anatomy, sought, monkeypatch):
    films = [anatomy(0), anatomy(1), np.rot90(anatomy(0)).copy()]
    first = sought(films)
    asked = []
    monkeypatch.setattr("overread.duplicates.find.describe_all", lambda *given: asked.append(given) or describe_all(*given))

    pd.testing.assert_frame_equal(sought(films), first)
    assert not asked
    assert len(sought([*films, anatomy(1)[:, ::-1].copy()])) == 2
    assert len(asked) == 1


@pytest.mark.data
def test_knees_of_many_people_are_not_linked_and_their_turned_copies_are():
    if "OVERREAD_DATA" not in os.environ:
        pytest.skip("OVERREAD_DATA is not set")
    given = read([f"table:{os.environ['OVERREAD_DATA']}/knee_kl/manifest.csv?label=label&kind=ordinal"])
    some = given.replace(given.frame[given.frame["split"] == "val"].reset_index(drop=True))
    catalog, _ = scan_all(some, Fitting(224), Runtime(threads=1))

    assert find(catalog, Pictures(catalog.frame, Fitting(224), Cache()), 1).empty
