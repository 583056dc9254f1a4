import threading
import time

import numpy as np
import pytest

from overread.features.batches import ahead, split


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
