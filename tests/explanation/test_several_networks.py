"""Several networks explain a batch together: each its own pictures, in their order, and none that is not asked is read."""

from collections import OrderedDict
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from torch import nn

from overread.backbones.preprocess import Preprocess
from overread.catalog import Catalog
from overread.errors import UserError
from overread.explanation.explain import check_layer, explain
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan
from overread.recipe import Runtime


class Shelf(Mapping):
    """Networks that say which of them were taken."""

    def __init__(self, held):
        self.held, self.taken = held, []

    def __getitem__(self, name):
        self.taken.append(name)
        return self.held[name]

    def __iter__(self):
        return iter(self.held)

    def __len__(self):
        return len(self.held)


@pytest.fixture
def model(seer):
    """Three networks: `plain`, `strong` (twice as sure), and one that nobody asks."""
    shelf = Shelf({"plain": seer(2.0, -1.0), "strong": seer(4.0, -2.0), "unasked": seer()})
    return SimpleNamespace(networks=lambda: shelf, shelf=shelf, fitting=Fitting(64), preprocess=Preprocess(64).unit(), runtime=Runtime(threads=1))


@pytest.fixture
def pictures(tmp_path):
    """Forty films, each with a bright square of 8 px in a cell of its own, more than a batch holds."""
    rows = []
    for i in range(40):
        film = np.zeros((64, 64), np.uint8)
        film[8 * (i // 8) : 8 * (i // 8) + 8, 8 * (i % 8) : 8 * (i % 8) + 8] = 255
        Image.fromarray(film).save(tmp_path / f"{i}.png")
        rows.append({"row": str(i), "image": f"{i}.png", "file": str(tmp_path / f"{i}.png")})
    return Pictures(scan(Catalog(pd.DataFrame(rows), {}), Fitting(64), Cache(), 1)[0].frame, Fitting(64), Cache())


def test_each_picture_has_the_map_of_its_own_network_in_its_own_place(model, pictures):
    names, codes = np.where(np.arange(40) % 3 == 1, "strong", "plain").tolist(), np.ones(40, np.int64)
    told = explain(model, pictures, codes, "grad-cam", networks=names)

    assert told.maps.reshape(40, 64).argmax(1).tolist() == list(range(40))
    assert told.peaks.tolist() == pytest.approx([4 / 64 if name == "strong" else 2 / 64 for name in names])
    alone = explain(model, pictures, codes, "grad-cam", networks=["strong"] * 40)
    assert (alone.maps[1::3] == told.maps[1::3]).all()
    assert (alone.scores[1::3] == told.scores[1::3]).all()
    assert told.layer == "act"


def test_a_network_that_speaks_for_no_picture_is_not_taken(model, pictures):
    explain(model, pictures, np.ones(40, np.int64), "grad-cam", networks=["strong"] * 40)
    assert set(model.shelf.taken) == {"strong"}
    check_layer(model, "act")
    assert set(model.shelf.taken) == {"strong", "plain"}


def test_of_several_networks_somebody_must_say_which_speaks(model, pictures):
    with pytest.raises(UserError, match="this model has 3 networks"):
        explain(model, pictures, np.ones(40, np.int64), "grad-cam")


def test_a_layer_that_one_of_those_asked_lacks_is_refused(model, seer):
    strong = model.shelf.held["strong"]
    strong.eyes = nn.Sequential(OrderedDict(lens=strong.eyes))
    check_layer(model, "lens", ["strong"])
    with pytest.raises(UserError, match="no layer 'lens'"):
        check_layer(model, "lens", ["strong", "plain"])
