import threading
import time

import numpy as np
import pytest

from overread.imaging.augment import PRESETS
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.learners.finetune.augment import Augmenter
from overread.learners.finetune.batches import ahead, order, split, stack

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


def test_no_batch_has_a_single_row():
    assert [len(piece) for piece in split(np.arange(9), 4)] == [4, 5]
    assert [len(piece) for piece in split(np.arange(10), 4)] == [4, 4, 2]
    assert [len(piece) for piece in split(np.arange(1), 4)] == [1]


@pytest.mark.parametrize("helpers", [1, 4])
def test_batches_come_in_order_whoever_made_them(helpers):
    def make(piece):
        time.sleep(0.01 * (piece[0] % 3))
        return int(piece[0])

    assert list(ahead(make, [np.array([i]) for i in range(20)], helpers)) == list(range(20))


def test_batches_are_prepared_while_the_caller_works():
    began = time.perf_counter()
    for _ in ahead(lambda piece: time.sleep(0.03), [np.array([i]) for i in range(12)], 1):
        time.sleep(0.03)

    assert time.perf_counter() - began < 0.6, "one after the other takes 0.72 s"


def test_a_fault_in_the_background_is_raised_and_no_thread_is_left():
    def make(piece):
        if piece[0] == 3:
            raise OSError("gone")
        return piece

    with pytest.raises(OSError, match="gone"):
        list(ahead(make, [np.array([i]) for i in range(50)], 2))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def test_the_same_pictures_whatever_the_number_of_helpers(catalog):
    pictures = Pictures(catalog(n=20).frame, Fitting(64), Cache())
    make = stack(pictures, Augmenter(PRESETS["strong"], 0), epoch=1)
    pieces = split(order(np.zeros(20, int), "none", 0, 1), 6)

    alone, together = (np.concatenate([batch.numpy() for batch in ahead(make, pieces, helpers)]) for helpers in (1, 4))

    assert alone.shape == (20, 64, 64, 3)
    assert np.array_equal(alone, together)
