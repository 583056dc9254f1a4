import numpy as np
import pytest

from overread.features.batches import ahead, split, stack
from overread.imaging.augment import PRESETS
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.learners.finetune.augment import Augmenter
from overread.learners.finetune.order import order

CODES = np.array([0] * 90 + [1] * 10)


def test_an_epoch_is_every_row_once_in_an_order_of_its_own():
    first = order(CODES, "none", seed=0, epoch=1)

    assert sorted(first) == list(range(100))
    assert np.array_equal(first, order(CODES, "weights", seed=0, epoch=1))
    assert not np.array_equal(first, order(CODES, "none", seed=0, epoch=2))
    assert not np.array_equal(first, order(CODES, "none", seed=1, epoch=1))


def test_the_sampler_draws_rare_and_common_classes_alike():
    drawn = np.concatenate([CODES[order(CODES, "sampler", seed=0, epoch=epoch)] for epoch in range(50)])

    assert drawn.mean() == pytest.approx(0.5, abs=0.03)


def test_the_same_pictures_whatever_the_number_of_helpers(catalog):
    pictures = Pictures(catalog(n=20).frame, Fitting(64), Cache())
    make = stack(pictures, Augmenter(PRESETS["strong"], 0), epoch=1)
    pieces = split(order(np.zeros(20, int), "none", 0, 1), 6)

    alone, together = (np.concatenate([batch.numpy() for batch in ahead(make, pieces, helpers)]) for helpers in (1, 4))

    assert alone.shape == (20, 64, 64, 3)
    assert np.array_equal(alone, together)
