import os
import subprocess
import sys

import numpy as np
import pytest

from overread.duplicates.describe import Described, describe
from overread.duplicates.propose import CANDIDATES, propose
from overread.duplicates.symmetry import INVERTED, MIRRORED


def pairs(pictures):
    return {(int(a), int(b)): int(parity) for a, b, parity in propose([describe(picture) for picture in pictures], none_square(pictures), threads=1)}


def none_square(pictures):
    return np.zeros(len(pictures), bool)


@pytest.mark.parametrize(("parity", "copy"), [(0, lambda p: p), (MIRRORED, lambda p: p[:, ::-1]), (INVERTED, lambda p: 255 - p)])
def test_a_copy_is_proposed_among_strangers_with_its_parity(anatomy, parity, copy):
    films = [anatomy(seed) for seed in range(20)]

    assert pairs([*films, np.ascontiguousarray(copy(films[7]))])[7, 20] == parity


def test_a_picture_proposes_few_others(anatomy):
    films = [anatomy(0)] * 30

    found = propose([describe(film) for film in films], none_square(films), threads=1)

    assert len(found) <= CANDIDATES * len(films)


def test_two_searches_propose_the_same_whatever_the_threads(anatomy):
    described = [describe(anatomy(seed % 40)) for seed in range(250)]

    np.testing.assert_array_equal(*(propose(described, none_square(described), threads) for threads in (1, 2)))


def test_a_search_leaves_the_threads_that_torch_computes_on():
    """Which library's OpenMP answers depends on who came first, so torch comes first here, as it does on the command line."""
    script = (
        "import torch; import numpy as np\n"
        "from overread.duplicates.describe import Described; from overread.duplicates.propose import propose\n"
        "seen = [Described(np.ones((9, 4), np.float32), np.full((9, 128), seed, np.uint8)) for seed in range(3)]\n"
        "propose(seen, np.zeros(3, bool), threads=1); print(torch.get_num_threads())"
    )
    told = subprocess.run([sys.executable, "-c", script], env={**os.environ, "OMP_NUM_THREADS": "2"}, capture_output=True, text=True, check=True)

    assert told.stdout.split()[-1] == "2"


def test_pictures_without_a_point_propose_nothing(anatomy):
    empty = Described(np.empty((0, 4), np.float32), np.empty((0, 128), np.uint8))

    assert not len(propose([empty, empty], none_square(range(2)), threads=1))
    assert not len(propose([empty, describe(anatomy(0)), empty], none_square(range(3)), threads=1))


def test_what_stands_after_the_pictures_asks_for_squares_alone_and_nobody_for_it(anatomy):
    films = [describe(anatomy(seed)) for seed in range(10)]
    square = np.arange(9) == 4

    found = propose([*films[:9], films[4], films[5], films[9], films[9]], square, threads=1)[:, :2]

    assert [4, 9] in found.tolist()
    assert set(found[found[:, 1] >= 9][:, 0]) == {4}
