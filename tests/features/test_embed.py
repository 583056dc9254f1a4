"""Features are those of the network itself, in the order asked for."""

import numpy as np
import pandas as pd
import pytest
import torch

from overread.backbones.create import create
from overread.features.embed import BATCH, embed
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.recipe import Backbone, Image

DEFAULT = Backbone()


@pytest.fixture
def pictures() -> Pictures:
    """40 pictures of noise, held in the cache alone."""
    fitting, cache, draw = Fitting(64), Cache(), np.random.default_rng(0)
    names = [f"{i:064x}" for i in range(BATCH + 8)]
    for name in names:
        cache.keep_picture(name, fitting, draw.integers(0, 255, (64, 64, 3), np.uint8))
    return Pictures(pd.DataFrame({"row": names, "file": names, "bytes_sha": names}), fitting, cache)


def test_features_are_what_the_network_says_of_the_normalised_picture(pictures: Pictures) -> None:
    trunk = create(DEFAULT, Image(size=64)).eval()
    with torch.inference_mode():
        direct = trunk(trunk.preprocess.normalise(torch.from_numpy(pictures[5][None]))).numpy()
    found = embed(pictures, [5])

    assert found.shape == (1, trunk.features) and found.dtype == np.float32
    np.testing.assert_allclose(found, direct, rtol=1e-4, atol=1e-5)


def test_rows_come_in_the_order_asked_for_across_batches(pictures: Pictures) -> None:
    every = embed(pictures, range(len(pictures)))
    some = embed(pictures, np.array([38, 2]))

    np.testing.assert_allclose(some, every[[38, 2]], rtol=1e-4, atol=1e-5)
    assert not np.allclose(every[0], every[1])


def test_no_picture_gives_no_row(pictures: Pictures) -> None:
    assert embed(pictures, []).shape[0] == 0
